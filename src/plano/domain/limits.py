"""Size limits of routing preferences, shared by the configured list and the inline one."""

MAX_ROUTES = 256
MAX_MODELS_PER_ROUTE = 32
MAX_NAME_BYTES = 128
MAX_DESCRIPTION_BYTES = 2048
MAX_PREFERENCES_BYTES = 131_072
"""Bytes of a whole inline list as it stands in the request body."""
