"""Slips of the finger are put right; nothing else is touched."""

from __future__ import annotations

import pytest

from plano.intent.package import SHIPPED
from plano.intent.spelling import Speller

WORDS = ("the", "please", "write", "a", "sorting", "algorithm", "in", "python", "form", "from", "cold", "could")


@pytest.fixture(scope="module")
def speller() -> Speller:
    """A speller that knows twelve words."""
    return Speller(WORDS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("plese", "please"),
        ("pleasse", "please"),
        ("pleqse", "please"),
        ("plaese", "please"),
        ("leasepy", "leasepy"),
        ("Sortnig", "sorting"),
        ("ALGORITM", "algorithm"),
        ("pythonn", "python"),
    ],
)
def test_one_slip_is_put_right(speller: Speller, typed: str, meant: str) -> None:
    """A letter missing, too many, wrong or swapped; two slips are left."""
    assert speller.corrected(f"please write the {typed} in python") == f"please write the {meant} in python"


def test_the_commoner_of_two_is_meant(speller: Speller) -> None:
    """Words are given the commonest first: of two that are one slip away the first is taken."""
    assert speller.corrected("please write the fofm") == "please write the form"
    assert speller.corrected("please write cbold") == "please write cold"


@pytest.mark.parametrize(
    "text",
    [
        "please write the algorithm in python",
        "fo a teh",
        "please write plEase in sort_ing(cfg)",
        "please write the SQL",
        "bitte schreibe den algorithm neu und scchnell",
        "please wríte the algoritm",
        "",
        "1234 !!",
        "please write " + "a" * 40,
    ],
    ids=["known", "short", "variables", "acronym", "foreign", "not ascii", "empty", "no words", "long"],
)
def test_everything_else_is_left_alone(speller: Speller, text: str) -> None:
    """Known and short words, names of variables, acronyms, other languages, and what is no word at all."""
    assert speller.corrected(text) == text


def test_the_work_is_bounded(speller: Speller) -> None:
    """Of many different slips sixteen are looked at, however long the text is."""
    slips = [f"sortin{letter}" for letter in "abcdefhijklmnopqrstu"]
    corrected = speller.corrected(" ".join((*["please"] * 40, *slips))).split()
    assert corrected[40:56] == ["sorting"] * 16
    assert corrected[56:] == slips[16:]


def test_correcting_twice_changes_nothing(speller: Speller) -> None:
    """What was put right is known, and what was remembered is the same as what was found."""
    once = speller.corrected("plese wriet the algoritm")
    assert speller.corrected(once) == once == speller.corrected("plese wriet the algoritm")


def test_the_shipped_vocabulary_is_a_list_of_words() -> None:
    """The encoder's own vocabulary serves: it knows common words, the commoner ones first."""
    speller = Speller((SHIPPED / "vocab.txt").read_text(encoding="utf-8").splitlines())
    assert speller.corrected("please wrtie this functoin in pyhton") == "please write this function in python"
