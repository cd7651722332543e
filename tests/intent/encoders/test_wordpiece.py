"""The tokenizer agrees with the reference implementation.

``wordpiece.json``: texts, and the ids that the ``tokenizers`` package 0.23.3 gives for them with the same vocabulary.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plano.intent.encoders.wordpiece import WordPiece
from plano.intent.package import SHIPPED

GOLDEN: list[tuple[str, list[int]]] = json.loads(Path(__file__).with_name("wordpiece.json").read_text())
START, END, UNKNOWN = 101, 102, 100
WHOLE = 100_000


@pytest.fixture(scope="module")
def tokenizer() -> WordPiece:
    """Over the shipped vocabulary."""
    return WordPiece.read(SHIPPED / "vocab.txt")


@pytest.mark.parametrize(("text", "ids"), GOLDEN, ids=[f"{place}" for place in range(len(GOLDEN))])
def test_agrees_with_the_reference(tokenizer: WordPiece, text: str, ids: list[int]) -> None:
    """CJK, accents, emoji, controls, punctuation and plain prose give the very same ids, twice (cached) as once."""
    assert tokenizer.encode(text, limit=WHOLE) == ids
    assert tokenizer.encode(text, limit=WHOLE) == ids


@pytest.mark.parametrize("limit", [2, 3, 5, 16])
def test_a_limit_keeps_the_beginning_and_the_end_mark(tokenizer: WordPiece, limit: int) -> None:
    """Cut ids are the first ones, and the last is the end mark."""
    for text, ids in GOLDEN:
        expected = ids if len(ids) <= limit else [*ids[: limit - 1], END]
        assert tokenizer.encode(text, limit=limit) == expected


@pytest.mark.parametrize("letter", ["x", "é"])
def test_a_word_of_ten_thousand_letters_is_one_unknown(tokenizer: WordPiece, letter: str) -> None:
    """Words over 100 characters are not taken apart."""
    end = tokenizer.encode("end", limit=8)[1:]
    assert tokenizer.encode(letter * 10_000 + " end", limit=8) == [START, UNKNOWN, *end]


@pytest.mark.parametrize("text", ["[SEP]", "[CLS] hi", "a [MASK] b", "[PAD]"])
def test_marks_inside_a_text_are_plain_text(tokenizer: WordPiece, text: str) -> None:
    """Nobody can end or mask a text by writing the tokenizer's own marks."""
    inner = tokenizer.encode(text, limit=64)[1:-1]
    assert not {0, START, END, 103} & set(inner)


def test_capital_sigma_is_lowered_alone(tokenizer: WordPiece) -> None:
    """A sigma at the end of a word is the same letter as elsewhere, as in the reference."""
    assert tokenizer.encode("ΟΔΟΣ", limit=64) == tokenizer.encode("οδοσ", limit=64)


def test_the_cache_of_words_is_bounded(tokenizer: WordPiece) -> None:
    """A stream of new words forgets old ones instead of growing, and answers stay right."""
    expected = tokenizer.encode("hello", limit=8)
    for number in range(40):
        tokenizer.encode(" ".join(f"q{number}x{place}" for place in range(1000)), limit=WHOLE)
    assert len(tokenizer._pieces) <= 16_384
    assert tokenizer.encode("hello", limit=8) == expected
