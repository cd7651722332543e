"""Texts to vectors: two encoders, their tokenizers, and how their graphs are run."""
