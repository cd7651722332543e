"""The shipped words put right what people write to gateways."""

from __future__ import annotations

import pytest

from plano.intent.wording.shipped import pairs, speller, words
from plano.intent.wording.spelling import Speller


@pytest.fixture(scope="module")
def shipped() -> Speller:
    """The speller of the package."""
    return speller(words())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("write a functoin taht sorts", "write a function that sorts"),
        ("tehy wanted ot go hoem", "they wanted to go home"),
        ("fill in the form pleese", "fill in the form please"),
        ("send me an emial form my boss", "send me an email from my boss"),
        ("I want ti leave", "I want to leave"),
        ("how do th efilms compre", "how do the films compare"),
        ("i nneed to know the status of my dy off request", "i need to know the status of my day off request"),
        ("deploy it to kubernetis and retrun my refund", "deploy it to kubernetes and return my refund"),
        ("the tranformationn of our appointmnt", "the transformation of our appointment"),
    ],
)
def test_slips_are_put_right(shipped: Speller, typed: str, meant: str) -> None:
    """The word before says which of the likely ones was meant, "form" or "from", "the" or "they"."""
    assert shipped.corrected(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "for i in range(10): pritn(i)",
        "let x be a number, y = f(x) and z[n] too",
        "I live in Berlin, form there I commute",
        "the colour of the theater, the color of the theatre",
        "nutrition ad refund docker invoice",
        "what's on at the movies, don't you know?",
    ],
)
def test_what_is_meant_stays(shipped: Speller, text: str) -> None:
    """Code, formulas, both spellings, and any text in which everything is known."""
    assert shipped.corrected(text) == text


def test_words_and_pairs() -> None:
    """Every word of a pair is lower case; a pair may hold words that are too rare to stand among the words."""
    assert words()["the"] < words()["kubernetes"]
    assert pairs()["would"]["you"] < pairs()["would"]["the"]
    assert all(word.isalpha() and word.islower() for after in pairs().values() for word in after)
