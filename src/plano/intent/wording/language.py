"""How surprising a word is where it stands: by how common it is, and by how often it comes after the word before."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LETTERS = MappingProxyType({"a": 45, "i": 45})
"""The words of one letter."""

_NOBODY_KNOWS, _EACH_LETTER = 150, 14
_OF_ALL, _OF_PAIRS = 9, 5
"""What a word is by itself has 0.4 of what it is, what it is after another 0.6: -ln of these, in tenths of a nat."""

_NEVER = 10_000
_NONE: Mapping[str, int] = MappingProxyType({})


class Language:
    """Words and pairs of words, with the surprisal of each: -ln of its share of what is written, in tenths of a nat.

    ``words``: by themselves. ``pairs``: by the word before, "" at the beginning of a sentence.
    """

    def __init__(self, words: Mapping[str, int], pairs: Mapping[str, Mapping[str, int]]) -> None:
        self.words = {**words, **LETTERS}
        self._pairs = pairs

    def alone(self, word: str) -> int:
        """The surprisal of a word; one that nobody knows is the more surprising, the more letters it has."""
        known = self.words.get(word)
        return _NOBODY_KNOWS + _EACH_LETTER * len(word) if known is None else known

    def after(self, before: str, word: str) -> int:
        """That of a word after another, or after "" at the beginning of a sentence."""
        return min(self._pairs.get(before, _NONE).get(word, _NEVER) + _OF_PAIRS, self.alone(word) + _OF_ALL)
