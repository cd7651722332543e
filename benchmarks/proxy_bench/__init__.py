"""Measures the path of a proxied request: this gateway and others in front of one mock upstream, in turn."""
