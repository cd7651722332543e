"""Live numbers: written by observers, read as one Snapshot."""
