"""The likeliest known word near a word that nobody knows."""

from __future__ import annotations

import pytest

from plano.intent.package import surprisals
from plano.intent.wording.lexicon import Lexicon

WORDS = {
    "the": 30, "and": 40, "for": 45, "have": 60, "card": 79, "form": 95, "from": 60, "find": 90, "fund": 100,
    "reservation": 110, "preservation": 112, "reservations": 119, "thw": 116, "hive": 120, "curd": 120, "tge": 114,
    "fjord": 165,
}  # fmt: skip


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """A few words."""
    return Lexicon(WORDS)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("frmo", "from"),
        ("fnnd", "find"),
        ("fnd", "and"),
        ("fknd", "find"),
        ("fynd", "fund"),
        ("fjor", "for"),
        ("fjrd", "fjrd"),
        ("hiv", "hiv"),
    ],
)
def test_how_common_and_how_likely_are_weighed(lexicon: Lexicon, word: str, meant: str) -> None:
    """The commonest word one slip away is meant, five nats less so when the slip is a strange one; no rare word is."""
    assert lexicon.meant(word) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("rwservatuon", "reservation"),
        ("reesrvatoins", "reservations"),
        ("eservsion", "eservsion"),
        ("reesrvatiin", "reesrvatiin"),
        ("crxdx", "crxdx"),
        ("reservation" * 2, "reservation" * 2),
    ],
    ids=["wrong twice", "swapped twice", "four slips", "no third left", "short", "too long"],
)
def test_two_slips_are_put_right_in_long_words(lexicon: Lexicon, word: str, meant: str) -> None:
    """From six letters on, when a third of the word is untouched; what is farther is left as it is."""
    assert lexicon.meant(word) == meant


@pytest.mark.parametrize(("word", "meant"), [("thw", "the"), ("tge", "tge"), ("hive", "hive"), ("curd", "curd")])
def test_a_known_word_is_what_was_meant(lexicon: Lexicon, word: str, meant: str) -> None:
    """Unless a usual slip makes it of a word five thousand times as common ("tge": no such slip; "curd": commoner)."""
    assert lexicon.meant(word) == meant


def test_what_is_not_near_anything_stays(lexicon: Lexicon) -> None:
    """And is found again in memory."""
    assert [lexicon.meant("kubernetes") for _ in range(2)] == ["kubernetes"] * 2
    assert "kubernetes" not in lexicon
    assert "hive" in lexicon


def test_memory_is_bounded(lexicon: Lexicon) -> None:
    """However many words come: an answer that was forgotten is found again."""
    answers = {lexicon.meant(f"frmo{'x' * (number % 7)}{number}") for number in range(9_000)}
    assert len(answers) > 8_000
    assert len(lexicon._meant) <= 8_192
    assert lexicon.meant("frmo") == "from"


def test_no_words_at_all() -> None:
    """Nothing is known, so everything is what was meant."""
    assert Lexicon({}).meant("reservation") == "reservation"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("hte", "the"),
        ("pyhton", "python"),
        ("functoin", "function"),
        ("kubernetis", "kubernetes"),
        ("tranformationn", "transformation"),
        ("appointmnt", "appointment"),
        ("nutrition", "nutrition"),
        ("theater", "theater"),
        ("colour", "colour"),
        ("refund", "refund"),
        ("ad", "ad"),
    ],
)
def test_the_shipped_words(word: str, meant: str) -> None:
    """What people write to gateways is known in both spellings, and put right."""
    assert Lexicon(surprisals()).meant(word) == meant
