"""``plano eval``."""
