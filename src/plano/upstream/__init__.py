"""One attempt: a request to a provider, and what became of it."""
