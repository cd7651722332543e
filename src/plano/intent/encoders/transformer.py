"""The first encoder: six transformer layers over the word pieces of an English text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plano.intent.encoders.runtime import session
from plano.intent.encoders.wordpiece import WordPiece

if TYPE_CHECKING:
    from plano.intent.encoders.geometry import Floats

MAX_TOKENS = 54


class Transformer:
    """A loaded encoder. Safe in any thread."""

    def __init__(self, *, model: Path, vocabulary: str) -> None:
        self._tokenizer = WordPiece.parse(vocabulary)
        self._session = session(model)
        self.dimensions: int = self._session.get_outputs()[0].shape[1]

    def vector(self, text: str) -> Floats:
        """The vector (d,) of length 1 of the text's first 54 tokens."""
        ids = np.array([self._tokenizer.encode(text, limit=MAX_TOKENS)], dtype=np.int64)
        found: Floats = self._session.run(None, {"input_ids": ids})[0][0]
        return found
