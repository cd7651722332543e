"""Fallback: the order tried is the order decided, and every ending is judged by one table."""
