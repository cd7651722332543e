"""Vectors of texts, computed once: a cache in front of the encoder, kept in a file between runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plano.intent.encoder import Encoder


class Vectors:
    """The encoder with a memory. ``file``: where the memory is kept, None for nowhere."""

    def __init__(self, encoder: Encoder, file: Path | None) -> None:
        self._encoder = encoder
        self._file = file
        self._rows: dict[str, NDArray[np.float32]] = {}
        if file is not None and file.exists():
            with np.load(file, allow_pickle=False) as kept:
                texts = bytes(kept["texts"]).decode("utf-8", "surrogatepass").split("\0")
                self._rows = dict(zip(texts, kept["rows"], strict=True))

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, one row per text."""
        rows = []
        for text in texts:
            row = self._rows.get(text)
            if row is None:
                row = self._rows[text] = self._encoder.encode((text,))[0]
            rows.append(row)
        return np.stack(rows)

    def keep(self) -> None:
        """Writes the memory to its file."""
        if self._file is not None:
            texts = np.frombuffer("\0".join(self._rows).encode("utf-8", "surrogatepass"), dtype=np.uint8)
            np.savez(self._file, texts=texts, rows=np.stack(list(self._rows.values())))
