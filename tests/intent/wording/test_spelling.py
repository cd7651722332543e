"""Slips of the finger are put right; nothing else is touched."""

from __future__ import annotations

import pytest

from plano.intent.wording.language import Language
from plano.intent.wording.lexicon import Lexicon
from plano.intent.wording.spelling import Speller

WORDS = ("the", "please", "write", "me", "sorting", "algorithm", "in", "python", "form", "from", "cold", "could")


@pytest.fixture(scope="module")
def speller() -> Speller:
    """A speller that knows twelve words, the first ones the commonest, and what comes after two of them."""
    words = {word: 40 + 5 * place for place, word in enumerate(WORDS)}
    pairs = {"the": {"form": 20}, "": {"from": 20}, "write": {"form": 90, "from": 20}}
    return Speller(Language(words, pairs), Lexicon(words))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("plese", "please"),
        ("Sortnig", "sorting"),
        ("ALGORITM", "algorithm"),
        ("pythonn", "python"),
        ("lagorihtm", "algorithm"),
        ("pYthno", "python"),
        ("PYthno", "python"),
    ],
    ids=["lower", "title", "upper", "end", "two", "swapped case", "two capitals"],
)
def test_slips_are_put_right(speller: Speller, typed: str, meant: str) -> None:
    """In words as they stand in sentences, and where the shift key slipped."""
    assert speller.corrected(f"please write the {typed} in python") == f"please write the {meant} in python"


def test_what_stands_beside_other_letters_is_put_right(speller: Speller) -> None:
    """Quotes and dashes of any script are no hindrance."""
    assert speller.corrected("“plese” write the “algoritm” – naïve") == "“please” write the “algorithm” – naïve"


@pytest.mark.parametrize(
    "text",
    [
        "please write the algorithm in python",
        "please write plEase in sort_ng(plese1, nplese_)",
        "please write the ALGO",
        "bitte schreibe den algoritm neu und schnell",
        "please wríte the algorithm",
        "",
        "1234 !!",
        "please write " + "a" * 40,
        "please x",
        "please write the algo ... ython form",
    ],
    ids=["known", "variables", "acronym", "foreign", "accents", "empty", "no words", "long", "one letter", "cut words"],
)
def test_everything_else_is_left_alone(speller: Speller, text: str) -> None:
    """Known words, names of variables, acronyms, other languages, and what is no word at all."""
    assert speller.corrected(text) == text


def test_the_work_is_bounded(speller: Speller) -> None:
    """Of many different unknown words thirty-two are looked at, however long the text is."""
    strange = [f"xqzw{letter}" for letter in "abcdefghijklmnop"]
    slips = [f"sortin{letter}" for letter in "abcdefhijklmnopqrstu"]
    corrected = speller.corrected(" ".join((*["please"] * 40, *strange, *slips))).split()
    assert corrected[40:56] == strange
    assert corrected[56:72] == ["sorting"] * 16
    assert corrected[72:] == slips[16:]


def test_correcting_twice_changes_nothing(speller: Speller) -> None:
    """What was put right is known, and what was remembered is the same as what was found."""
    once = speller.corrected("plese wriet the algoritm")
    assert speller.corrected(once) == once == speller.corrected("plese wriet the algoritm")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("plese write the frm", "please write the form"),
        ("plese write frm", "please write from"),
        ("python. Frm the cold", "python. from the cold"),
        ("plese write form the cold", "please write from the cold"),
        ("please write form the cold", "please write form the cold"),
        ("plese, form the cold", "please, form the cold"),
    ],
    ids=["after the", "after write", "begins", "known", "nothing unknown", "unsaid"],
)
def test_the_word_before_says_what_was_meant(speller: Speller, typed: str, meant: str) -> None:
    """Of two that are near, and also for a known word once another one has shown that fingers slipped."""
    assert speller.corrected(typed) == meant


def test_a_letter_alone_is_a_slip_among_words_only(speller: Speller) -> None:
    """Between words it was one once ("i" for "in"); in formulas and lists it is what it is."""
    words = {"please": 40, "write": 45, "it": 48, "to": 43, "me": 50}
    known = Speller(Language(words, {"write": {"to": 15}}), Lexicon(words))
    assert known.corrected("plese write t me") == "please write to me"
    assert known.corrected("plese write f(t) or t = 3 or T me") == "please write f(t) or t = 3 or T me"
