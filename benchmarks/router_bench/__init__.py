"""The parts of the router's benchmark: how good, how steady, at what cost."""
