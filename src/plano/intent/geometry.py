"""Vectors of length 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def unit(vectors: Floats) -> Floats:
    """The vectors, each divided by its length; a vector of nothing stays what it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    shortened: Floats = vectors / np.maximum(lengths, np.float32(1e-9))
    return shortened
