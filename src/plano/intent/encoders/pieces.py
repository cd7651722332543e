"""A text as vectors of its pieces, in sixteen languages: a SentencePiece model and a table of four bits a number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sentencepiece import SentencePieceProcessor

if TYPE_CHECKING:
    from plano.intent.encoders.geometry import Floats

_LONGEST = 16
"""Characters of the longest piece: a text of so many times the limit is cut before it is taken apart."""
_MIDDLE = 8


class Pieces:
    """A row a piece: half as many bytes as numbers, the earlier of two in the low half, then the scale as float16.

    The table is mapped into memory, so that only the rows which were used are held. Safe in any thread.
    """

    def __init__(self, *, model: Path, table: Path) -> None:
        self._model = SentencePieceProcessor(model_file=str(model))
        self._rows = np.load(table, mmap_mode="r", allow_pickle=False)
        self._width = self._rows.shape[1] - 4

    def vectors(self, text: str, *, limit: int) -> Floats:
        """Vectors (p, d) of the first pieces, between the marks of beginning and end; at most ``limit`` (>= 2)."""
        # Half a surrogate pair is no character to the model.
        start = text[: limit * _LONGEST].lower().encode("utf-8", "replace").decode()
        ids = self._model.encode(start)[: limit - 2]
        rows = self._rows[[self._model.bos_id(), *ids, self._model.eos_id()]]
        halves = rows[:, : self._width]
        levels = np.empty((len(rows), 2 * self._width), dtype=np.float32)
        levels[:, 0::2] = halves & 15
        levels[:, 1::2] = halves >> 4
        scales = np.ascontiguousarray(rows[:, self._width : self._width + 2]).view(np.float16)
        found: Floats = (levels - np.float32(_MIDDLE)) * scales.astype(np.float32)
        return found
