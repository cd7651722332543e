"""Callers' connections: a thin edge between sockets and ``http1``."""
