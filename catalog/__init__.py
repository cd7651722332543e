"""Builds the price and capability catalog that ships with the package; nothing here runs in the product."""
