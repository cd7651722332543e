"""Unit vectors."""

from __future__ import annotations

import numpy as np

from plano.intent.geometry import unit


def test_vectors_get_length_one_and_keep_their_direction() -> None:
    """(3, 4) becomes (0.6, 0.8); a vector of zeros stays zero and is no error."""
    made = unit(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert np.allclose(made, np.array([[0.6, 0.8], [0, 0]]))
    assert made.dtype == np.float32
