"""How a mock model talks in each dialect."""
