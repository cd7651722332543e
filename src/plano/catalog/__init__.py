"""What models cost and can do, as shipped with the package: look-up, and the cost of a usage."""
