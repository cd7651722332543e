"""Vectors of texts, computed once: a cache in front of the encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from plano.intent.encoders.encoder import Encoder
from plano.intent.encoders.geometry import Floats


class Vectors:
    """The encoder with a memory that forgets nothing."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._rows: dict[tuple[bool, str], Floats] = {}

    def encode(self, texts: Sequence[str]) -> Floats:
        """As ``Encoder.encode``."""
        return self._remembered(texts, self._encoder.encode, is_foreign=False)

    def foreign(self, texts: Sequence[str]) -> Floats:
        """As ``Encoder.foreign``."""
        return self._remembered(texts, self._encoder.foreign, is_foreign=True)

    def _remembered(
        self, texts: Sequence[str], encode: Callable[[Sequence[str]], Floats], *, is_foreign: bool
    ) -> Floats:
        rows = []
        for text in texts:
            row = self._rows.get((is_foreign, text))
            if row is None:
                row = self._rows[is_foreign, text] = encode((text,))[0]
            rows.append(row)
        return np.stack(rows)
