"""Texts to vectors: two encoders side by side. Nothing here knows routes.

They were trained on different text, read it in different pieces and err in different places: the mean of their cosines
is right more often than either. It is the product of two vectors that each hold both, so that whatever compares knows
of one encoder only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from plano.intent.memory import Memory, digest

if TYPE_CHECKING:
    from plano.intent.encoders.geometry import Floats
    from plano.intent.encoders.transformer import Transformer
    from plano.intent.encoders.windows import Windows


class Encoder:
    """Both encoders. ``share`` (0..1): how much the second counts in a cosine. Safe in any thread."""

    def __init__(self, transformer: Transformer, windows: Windows, *, share: float) -> None:
        self.transformer, self.windows, self.share = transformer, windows, share
        self._first, self._second = np.float32((1 - share) ** 0.5), np.float32(share**0.5)
        self.dimensions = transformer.dimensions + windows.dimensions

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, float32 (number of texts, dimensions).

        Texts go in one by one: activations are quantised by the range of the whole input, so that in a batch the
        vector of a text would depend on its neighbours, and the same question could have two answers.
        """
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[: self.transformer.dimensions] = self.transformer.vector(text) * self._first
            row[self.transformer.dimensions :] = self.windows.vector(text) * self._second
        return vectors

    def foreign(self, texts: Sequence[str]) -> Floats:
        """What compares with unit vectors as the second encoder alone would: the first reads English only."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[self.transformer.dimensions :] = self.windows.vector(text) / self._second
        return vectors

    def remembering(self, limit: int) -> RememberedVectors:
        """The same encoder with a memory of so many texts."""
        return RememberedVectors(self, limit)


class RememberedVectors:
    """An encoder that computes only what it has not computed lately. Safe in any thread."""

    def __init__(self, encoder: Encoder, limit: int) -> None:
        self._encoder = encoder
        self._rows: Memory[bytes, Floats] = Memory(limit)

    def encode(self, texts: Sequence[str]) -> Floats:
        """As ``Encoder.encode``; at least one text."""
        return self._remembered(texts, self._encoder.encode, "")

    def foreign(self, texts: Sequence[str]) -> Floats:
        """As ``Encoder.foreign``; at least one text."""
        return self._remembered(texts, self._encoder.foreign, "foreign")

    def _remembered(self, texts: Sequence[str], encode: Callable[[Sequence[str]], Floats], kind: str) -> Floats:
        rows = []
        for text in texts:
            key = digest((kind, text))
            row = self._rows.get(key)
            if row is None:
                row = encode((text,))[0]
                self._rows.put(key, row)
            rows.append(row)
        return np.stack(rows)
