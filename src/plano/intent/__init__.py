"""What does the caller want? From a conversation and the offered routes to one route or none."""
