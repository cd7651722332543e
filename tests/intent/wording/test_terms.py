"""Words in common: rare ones count, those of every route do not."""

from __future__ import annotations

import pytest

from plano.intent.wording.shipped import words
from plano.intent.wording.terms import Rarity, in_common, stem


@pytest.fixture(scope="module")
def rarity() -> Rarity:
    """Of the shipped words."""
    return Rarity(words())


@pytest.mark.parametrize(
    ("some", "other"), [("booking", "booked"), ("books", "book"), ("invoices", "invoice"), ("translate", "translation")]
)
def test_forms_of_a_word_have_one_stem(some: str, other: str) -> None:
    """By their endings alone."""
    assert stem(some)[:6] == stem(other)[:6]
    assert stem("gas") == "gas"


def test_rare_words_say_more(rarity: Rarity) -> None:
    """The commonest say nothing; nobody knows the rarest, which count as rare."""
    terms = rarity.terms("The prescriptions of the museum, and polonium-xyzzy. 42 of it")
    assert set(terms) == {stem(word) for word in ("prescriptions", "museum", "polonium", "xyzzy")}
    assert 0 < terms["museum"] < terms[stem("prescriptions")] < terms["polonium"] <= 1


def test_a_word_counts_where_it_stands(rarity: Rarity) -> None:
    """In one of three routes in full, in two by half, in all of them not at all; alone always."""
    asked = rarity.terms("my repeat prescription")
    with_it, without = rarity.terms("prescriptions: repeats and refills"), rarity.terms("parking and visits")
    one, two = in_common(asked, (with_it, without, without)), in_common(asked, (with_it, with_it, without))
    assert one[0] > 0
    assert one[1:] == (0, 0)
    assert two == pytest.approx((one[0] / 2, one[0] / 2, 0))
    assert in_common(asked, (with_it,) * 3) == (0, 0, 0)
    assert in_common(asked, (with_it,)) == one[:1]


def test_no_more_than_one(rarity: Rarity) -> None:
    """However many words a route repeats; and nothing of nothing."""
    text = "prescription dosage tablets pharmacy antibiotics inhaler refill dispensary"
    assert in_common(rarity.terms(text), (rarity.terms(text), {})) == (1.0, 0)
    assert in_common({}, ({}, {})) == (0, 0)


def test_long_descriptions(rarity: Rarity) -> None:
    """Are not kept whole."""
    text = " ".join("".join(chr(97 + number // 26**place % 26) for place in range(4)) for number in range(9_000))
    assert len(rarity.terms(text)) == 128


@pytest.mark.parametrize("text", ["a" * 50_000, "ab-" * 17_000, "é" * 50_000, "\u202e\x00 " * 9_000])
def test_hostile_texts(rarity: Rarity, text: str) -> None:
    """Whatever a description is."""
    assert len(rarity.terms(text)) <= 1
