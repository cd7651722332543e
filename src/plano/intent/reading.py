"""How a conversation's texts are read: English put right and by both encoders, the rest by the second one alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from plano.intent.wording.tongue import is_foreign

if TYPE_CHECKING:
    from plano.intent.encoders.geometry import Floats
    from plano.intent.wording.spelling import Speller


class Encodes(Protocol):
    """Texts to vectors, as ``Encoder`` does."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors (number of texts, d) of texts that are English."""

    def foreign(self, texts: Sequence[str]) -> Floats:
        """Vectors (number of texts, d) of texts that are not."""


def repaired(texts: Sequence[str], speller: Speller) -> list[str]:
    """The texts, where they are English with slips put right."""
    return [text if is_foreign(text) else speller.corrected(text) for text in texts]


def read(texts: Sequence[str], encoder: Encodes) -> list[Floats]:
    """The vector (d,) of each text."""
    return [encoder.foreign((text,))[0] if is_foreign(text) else encoder.encode((text,))[0] for text in texts]
