"""What ``benchmarks/wire.py`` translates."""
