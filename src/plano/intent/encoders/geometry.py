"""Vectors of length 1, and products of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def unit(vectors: Floats) -> Floats:
    """The vectors, each divided by its length; a vector of nothing stays what it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    shortened: Floats = vectors / np.maximum(lengths, np.float32(1e-9))
    return shortened


def dots(rows: Floats, vectors: Floats) -> Floats:
    """The product (r, v) of each row (r, d) with each vector (v, d).

    One by one, in the thread that asks. A product of matrices may wake the threads of the library behind numpy, and
    these go on looking for work for a twentieth of a second after each: with a new text every tenth of a second, 80 ms
    of CPU a text instead of 5. It may also round a row by its place among the others.
    """
    products: Floats = np.vecdot(rows[:, None], vectors)
    return products
