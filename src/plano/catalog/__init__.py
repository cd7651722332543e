"""What models cost and can do, as shipped with the package: look-up, the cost of a usage, prices kept of sources."""
