"""Measures the edge of a gateway under callers that are slow, silent or send much."""
