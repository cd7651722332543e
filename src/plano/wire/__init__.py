"""Bytes and JSON to nouns and back: no sockets, no clock."""
