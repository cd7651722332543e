"""What whoever runs the gateway sees: the admin listener, its endpoints, the page, the gateway's own numbers."""
