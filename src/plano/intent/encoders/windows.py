"""The second encoder: windows of two, three and five pieces of a text, in sixteen languages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from plano.intent.encoders.runtime import session

if TYPE_CHECKING:
    from plano.intent.encoders.geometry import Floats
    from plano.intent.encoders.pieces import Pieces

MAX_PIECES = 48


class Windows:
    """A loaded encoder. Safe in any thread."""

    def __init__(self, *, model: Path, pieces: Pieces) -> None:
        self._pieces = pieces
        self._session = session(model)
        self.dimensions: int = self._session.get_outputs()[0].shape[1]

    def vector(self, text: str) -> Floats:
        """The vector (d,) of length 1 of the text's first 48 pieces."""
        words = self._pieces.vectors(text, limit=MAX_PIECES)
        found: Floats = self._session.run(None, {"words": words})[0][0]
        return found
