"""Entries as spans, and on to a receiver. Nothing here is on the path of a request."""
