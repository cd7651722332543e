"""The known words near a word, and what the slips between them cost."""

from __future__ import annotations

import pytest

from plano.intent.wording.lexicon import Lexicon

WORDS = {
    "the": 30, "and": 40, "for": 45, "have": 60, "card": 79, "form": 95, "from": 60, "find": 90, "fund": 100,
    "reservation": 110, "preservation": 112, "reservations": 119, "thw": 116, "hive": 120, "fond": 120, "to": 43,
    "fjord": 165, "thaw": 130,
}  # fmt: skip


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """A few words."""
    return Lexicon(WORDS)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("frmo", {"from": 20}),
        ("fnnd", {"find": 70, "fund": 70, "fond": 70, "and": 90}),
        ("fynd", {"fund": 20, "find": 70, "fond": 70}),
        ("fjor", {"for": 70, "from": 90}),
        ("hte", {"the": 20}),
        ("qqqq", {}),
    ],
)
def test_an_unknown_word_stands_for_what_slips_make_it_of(lexicon: Lexicon, word: str, meant: dict[str, int]) -> None:
    """A slip that fingers seldom make costs more, and two of them do; a rare word ("fjord") is never meant."""
    assert dict(lexicon.meant(word)) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("rwservatuon", {"reservation": 90}),
        ("reesrvatoins", {"reservations": 90}),
        ("reservatiom", {"reservation": 20}),
        ("eservsion", {}),
        ("reesrvatiin", {}),
        ("reservation" * 2, {}),
    ],
    ids=["wrong twice", "swapped twice", "one", "four slips", "no third left", "too long"],
)
def test_two_slips_are_looked_for_in_long_words(lexicon: Lexicon, word: str, meant: dict[str, int]) -> None:
    """From six letters on, where one slip makes it of nothing and a third of the word is untouched."""
    assert dict(lexicon.meant(word)) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [("thw", {"the": 35}), ("form", {"from": 35}), ("hive", {"have": 35}), ("thaw", {}), ("card", {})],
)
def test_a_known_word_stands_for_common_ones(lexicon: Lexicon, word: str, meant: dict[str, int]) -> None:
    """Where a usual slip makes it of one of them; "thw" is too rare to be meant."""
    assert dict(lexicon.meant(word)) == meant


@pytest.mark.parametrize(("word", "is_doubtful"), [("thw", True), ("frmo", True), ("hive", False), ("the", False)])
def test_doubtful_is_what_is_unknown_or_far_too_rare(lexicon: Lexicon, word: str, is_doubtful: bool) -> None:
    """A usual slip of a word five thousand times as common: "have" is too rare to make one of "hive"."""
    assert lexicon.is_doubtful(word) is is_doubtful


@pytest.mark.parametrize(("letter", "meant"), [("t", {"to": 10}), ("i", {"a": 10}), ("x", {})])
def test_a_letter_stands_for_the_commonest_words(lexicon: Lexicon, letter: str, meant: dict[str, int]) -> None:
    """Of one letter or two, where a usual slip makes it of one."""
    assert dict(lexicon.meant(letter)) == meant


def test_six_are_enough() -> None:
    """The likeliest six, of however many are near."""
    near = {f"{letter}at": 40 + place for place, letter in enumerate("bcfhmprsv")}
    assert list(Lexicon(near).meant("qat")) == ["bat", "cat", "fat", "hat", "mat", "pat"]


def test_memory_is_bounded(lexicon: Lexicon) -> None:
    """However many words come: an answer that was forgotten is found again."""
    for number in range(9_000):
        lexicon.meant(f"frmo{'x' * (number % 7)}{number}")
    assert len(lexicon._meant) <= 8_192
    assert dict(lexicon.meant("frmo")) == {"from": 20}


def test_no_words_at_all() -> None:
    """Nothing is known, so nothing else is meant."""
    assert not Lexicon({}).meant("reservation")
