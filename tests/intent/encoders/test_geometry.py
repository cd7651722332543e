"""Unit vectors, and products."""

from __future__ import annotations

import numpy as np

from plano.intent.encoders.geometry import dots, unit


def test_vectors_get_length_one_and_keep_their_direction() -> None:
    """(3, 4) becomes (0.6, 0.8); a vector of zeros stays zero and is no error."""
    made = unit(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert np.allclose(made, np.array([[0.6, 0.8], [0, 0]]))
    assert made.dtype == np.float32


def test_products_are_those_of_matrices() -> None:
    """Each row with each vector; a row's product does not depend on which rows stand beside it."""
    chance = np.random.default_rng(0)
    rows, vectors = (chance.standard_normal((count, 384)).astype(np.float32) for count in (70, 3))
    products = dots(rows, vectors)
    assert np.allclose(products, rows @ vectors.T, atol=1e-4)
    assert products.dtype == np.float32
    assert all((dots(rows[place : place + 1], vectors)[0] == products[place]).all() for place in range(len(rows)))
