"""Live sources of prices: the bytes they send, turned into prices by their own keys."""
