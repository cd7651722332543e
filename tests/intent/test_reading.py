"""English is put right and read by both encoders, other languages as they are and by the second one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from plano.intent.encoders.geometry import Floats
from plano.intent.reading import read, repaired
from plano.intent.wording.language import Language
from plano.intent.wording.lexicon import Lexicon
from plano.intent.wording.spelling import Speller


@dataclass
class Noted:
    """An encoder that notes what it is asked."""

    asked: list[tuple[str, str]] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Ones."""
        self.asked += [("both", text) for text in texts]
        return np.ones((len(texts), 2), dtype=np.float32)

    def foreign(self, texts: Sequence[str]) -> Floats:
        """Zeros."""
        self.asked += [("second", text) for text in texts]
        return np.zeros((len(texts), 2), dtype=np.float32)


def test_each_text_is_read_in_its_language() -> None:
    """Each by itself, in their order; slips are put right in English only."""
    encoder = Noted()
    words = dict.fromkeys(("please", "translate", "this", "sentence", "for", "me", "the"), 90)
    speller = Speller(Language(words, {}), Lexicon(words))
    texts = repaired(("please translate this sentense for me", "schreib mir bitte die Antwort"), speller)
    rows = read(texts, encoder)
    assert encoder.asked == [
        ("both", "please translate this sentence for me"),
        ("second", "schreib mir bitte die Antwort"),
    ]
    assert [row.tolist() for row in rows] == [[1, 1], [0, 0]]
