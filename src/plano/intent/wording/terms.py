"""Words that a request and a route have in common: an encoder sees what a text is about, and often past a rare word.

"is my repeat prescription ready?" belongs to the route that says "prescription". How much a word says depends on how
rare it is, in writing and among the routes (Spärck Jones 1972, inverse document frequency).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

Terms = Mapping[str, float]
"""Stems of the words of a text, with how much each says: above 0, at most 1."""

_WORD: Final = re.compile(r"[^\W\d_][^\W_]{2,}")
_ENDINGS: Final = ("ations", "ation", "ings", "ing", "ments", "ment", "ies", "es", "ed", "s", "e", "y")
_SHORTEST_STEM: Final = 3

_COMMON, _RAREST, _UNKNOWN = 70, 183, 150
"""Surprisals in tenths of a nat: of words that say nothing, of the rarest known ones, and taken for unknown ones."""

_MOST: Final = 1.0
_MOST_TERMS: Final = 128
"""Of a text: remembered routes are many, and a description may have 50 KB."""


class Rarity:
    """How much words say. ``words``: the surprisal of each, -ln of its share of what is written, in tenths of a nat."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = words

    def terms(self, text: str) -> Terms:
        """What a text says by its words of three letters or more, each stem once: the first word of it counts.

        The first 128 that say anything are read.
        """
        found: dict[str, float] = {}
        for match in _WORD.finditer(text.lower()):
            if len(found) == _MOST_TERMS:
                break
            word = match[0]
            weight = (min(self._words.get(word, _UNKNOWN), _UNKNOWN) - _COMMON) / (_RAREST - _COMMON)
            if weight > 0:
                found.setdefault(stem(word), weight)
        return found


def stem(word: str) -> str:
    """The word without its ending, which need not be a word: "booking", "booked" and "books" have the same."""
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= _SHORTEST_STEM), "")
    return word.removesuffix(ending)


def in_common(asked: Terms, routes: Sequence[Terms]) -> tuple[float, ...]:
    """How much of what is asked each route says, 0..1. What all of several routes say tells them apart by nothing."""
    offered = Counter(term for route in routes for term in route.keys() & asked.keys())
    others = max(len(routes) - 1, 1)
    return tuple(
        min(
            sum(
                min(weight, route[term]) * (1 - (offered[term] - 1) / others)
                for term, weight in asked.items()
                if term in route
            ),
            _MOST,
        )
        for route in routes
    )
