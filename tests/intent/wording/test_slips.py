"""What one slip of the finger does, and two."""

from __future__ import annotations

from random import Random
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.intent.wording.slips import is_usual, one_slip_away, within_two


def slipped(word: str, chance: Random) -> str:
    """One slip: a letter out, in, replaced, or swapped with the next."""
    place = chance.randrange(len(word))
    letter = chance.choice(ascii_lowercase)
    swapped = word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
    other = word[:place] + letter + word[place + 1 :]
    return chance.choice((word[:place] + word[place + 1 :], word[:place] + letter + word[place:], other, swapped))


@given(st.text(ascii_lowercase, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_one_slip_is_among_all_of_one_slip(word: str, chance: Random) -> None:
    """In both directions."""
    typed = slipped(word, chance)
    assert typed in set(one_slip_away(word))
    assert word in set(one_slip_away(typed))


@pytest.mark.parametrize(
    ("typed", "meant", "usual"),
    [
        ("pleas", "please", True),
        ("lease", "please", True),
        ("pleasse", "please", True),
        ("pplease", "please", True),
        ("pleasee", "please", True),
        ("plaese", "please", True),
        ("plwase", "please", True),
        ("plaase", "please", True),
        ("olease", "please", True),
        ("plezse", "please", True),
        ("plrase", "please", True),
        ("pldase", "please", True),
        ("plgase", "please", False),
        ("plebse", "please", False),
        ("pleaxse", "please", False),
        ("xplease", "please", False),
        ("pleasex", "please", False),
    ],
)
def test_usual_slips(typed: str, meant: str, *, usual: bool) -> None:
    """Left out, doubled, swapped, beside the key or in the next row, a vowel for a vowel; not a strange letter."""
    assert is_usual(typed, meant) is usual


@given(st.text(ascii_lowercase, min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_what_at_most_two_slips_make_is_within_two(word: str, chance: Random) -> None:
    """One slip and, in another part of the word, another one; and the other way round."""
    half = len(word) // 2
    typed = slipped(word[:half], chance) + slipped(word[half:], chance)
    assert within_two(typed, word)
    assert within_two(word, typed)


@pytest.mark.parametrize(
    ("typed", "meant", "within"),
    [("transaction", "trasaction", True), ("trnasaction", "trasanction", True), ("abcdef", "badcfe", False),
     ("sorting", "sor", False), ("sorting", "mounting", False), ("", "ab", True), ("", "abc", False),
     ("ab", "ba", True)],
)  # fmt: skip
def test_three_slips_are_not_within_two(typed: str, meant: str, *, within: bool) -> None:
    """A swap is one slip, three swaps are three."""
    assert within_two(typed, meant) is within
