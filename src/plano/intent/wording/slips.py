"""Slips of the finger: which strings one of them makes of a word, which are usual, and words that two make.

A slip is a letter too many, missing, wrong, or swapped with the next (Damerau 1964).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from string import ascii_lowercase

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BELOW = tuple(
    pair for upper, row in pairwise(_ROWS) for keys in (upper, upper[1:]) for pair in zip(keys, row, strict=False)
)
_BESIDE = frozenset(
    pair for a, b in (*_BELOW, *(pair for row in _ROWS for pair in pairwise(row))) for pair in (a + b, b + a)
)
_VOWELS = frozenset("aeiou")


def one_slip_away(word: str) -> Iterator[str]:
    """Every string of lower-case letters that one slip makes the word, or the word it; some more than once."""
    for place in range(len(word)):
        before, after = word[:place], word[place + 1 :]
        yield before + after
        if after:
            yield before + after[0] + word[place] + after[1:]
        for letter in ascii_lowercase:
            yield before + letter + after
            yield before + letter + word[place:]
    for letter in ascii_lowercase:
        yield word + letter


def is_usual(typed: str, meant: str) -> bool:
    """Is ``typed``, one slip away from ``meant``, one that fingers and ears make?

    Such are a letter left out, doubled, swapped with the next or hit beside its key, and one vowel for another; not a
    strange letter put in, or in another's place.
    """
    if len(typed) < len(meant):
        return True
    place = next((at for at, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), len(meant))
    if len(typed) > len(meant):
        return typed[place] == typed[place - 1 : place]
    if typed[place + 1 :] != meant[place + 1 :]:
        return True
    hit, aimed = typed[place], meant[place]
    return hit + aimed in _BESIDE or (hit in _VOWELS and aimed in _VOWELS)


def within_two(typed: str, meant: str) -> bool:
    """Do at most two slips, none of them in letters of the other, lead from one to the other?

    The optimal string alignment distance, given up as soon as it is beyond two.
    """
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for place, letter in enumerate(typed, 1):
        above, row = row, [place]
        for at, other in enumerate(meant, 1):
            least = min(above[at] + 1, row[at - 1] + 1, above[at - 1] + (letter != other))
            if place > 1 < at and letter == meant[at - 2] and typed[place - 2] == other:
                least = min(least, before[at - 2] + 1)
            row.append(least)
        before = above
        if min(row) > 2:
            return False
    return row[-1] <= 2
