"""Twins of ``plano.observe.traces``."""
