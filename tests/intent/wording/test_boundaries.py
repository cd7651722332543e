"""Letters that changed places with a space are put back."""

from __future__ import annotations

import pytest

from plano.intent.wording.boundaries import rejoined
from plano.intent.wording.language import Language
from plano.intent.wording.lexicon import Lexicon

WORDS = {"the": 30, "to": 43, "be": 57, "what": 58, "hat": 120, "song": 90, "on": 51, "go": 70, "film": 90, "need": 80}


@pytest.fixture(scope="module")
def language() -> Language:
    """Ten words."""
    return Language(WORDS, {"to": {"be": 15, "go": 20}, "i": {"need": 20}})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tob e on", "to be on"),
        ("th efilm", "the film"),
        ("w hat, to go", "what, to go"),
        ("on e film", "one film"),
        ("i nneed to go", "i nneed to go"),
        ("to go on", "to go on"),
        ("the xq song", "the xq song"),
        ("what's on tob", "what's on tob"),
        ("(tob) e", "(tob) e"),
        ("tob  e", "tob  e"),
        ("", ""),
    ],
)
def test_only_where_it_makes_known_words_and_is_likelier(language: Language, typed: str, meant: str) -> None:
    """Not for a slip within a word, not beside quotes and brackets, and words that are known stay apart."""
    if typed == "on e film":
        language = Language({**WORDS, "one": 59}, {})
    assert rejoined(typed, language, Lexicon(language.words)) == meant


def test_capitals_count_as_small_letters(language: Language) -> None:
    """What is put right is written small, the rest stays as it was."""
    assert rejoined("The FILM Tob e ON", language, Lexicon(WORDS)) == "The FILM to be ON"


def test_the_work_is_bounded(language: Language) -> None:
    """Thirty-two pairs are tried."""
    text = rejoined(". ".join(["tob e"] * 40), language, Lexicon(WORDS))
    assert (text.count("to be"), text.count("tob e")) == (32, 8)
