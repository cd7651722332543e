"""Who says which route a conversation takes: the embedded router, a router model over HTTP, or both."""
