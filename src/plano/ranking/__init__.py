"""Who may serve, in which order, and why: pure functions of one snapshot."""
