"""What a word may have been meant to be: the known ones that one or two slips turn into it, and what the slips cost.

The channel of the noisy channel (Kernighan, Church and Gale 1990; Norvig 2007, "How to Write a Spelling Corrector").
Costs are -ln of how likely a slip is, in tenths of a nat, beyond what it costs that there is one at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from plano.intent.wording.language import LETTERS
from plano.intent.wording.slips import is_usual, one_slip_away, within_two

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLIP = 20
"""A usual slip: one of the half dozen that are as likely."""

_OF_A_LETTER, _OF_A_KNOWN_WORD = 10, 35
_UNUSUAL = 50
"""What a slip that fingers seldom make costs more."""

_TWO_SLIPS = 90

_RAREST, _COMMON, _COMMONEST = 160, 100, 80
"""The most surprising words that are meant: by a word that nobody knows, by a known one, by one or two letters."""

_MUCH_COMMONER = 85
_TINY = 2
_MOST_MEANT = 6
_LONG_FROM, _LONGEST = 6, 18
_MOST_LETTERS_OFF = 4
_COMMON_OF_SHORT = 92
_MOST_LETTERS_OFF_SHORT = 2
_REMEMBERED = 8_192


class Lexicon:
    """Known words and the surprisal of each, in tenths of a nat.

    Safe in any thread: what it remembers is a plain, bounded cache.
    """

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = {**words, **LETTERS}
        self._long = _Shapes([word for word in self._upto(_RAREST) if _LONG_FROM - 1 <= len(word) <= _LONGEST])
        self._brief = _Shapes([word for word in self._upto(_COMMON_OF_SHORT) if 1 < len(word) <= _LONG_FROM + 1])
        self._meant: dict[str, Mapping[str, int]] = {}

    def is_doubtful(self, word: str) -> bool:
        """Is a word of lower-case letters unknown, or a usual slip of one five thousand times as common ("thw")?"""
        tenths = self._words.get(word)
        if tenths is None:
            return True
        return tenths > _MUCH_COMMONER and any(
            self._words[other] <= tenths - _MUCH_COMMONER for other in self.meant(word)
        )

    def meant(self, word: str) -> Mapping[str, int]:
        """Up to six known words that a word of lower-case letters may stand for beside itself, and what the slips cost.

        Of a word that nobody knows all that one slip makes it of, and words that two slips do where it is long and
        there is no other, or short and the word a common one; of a known word the common ones that a usual slip makes
        it of, of a letter the commonest.
        """
        found = self._meant.get(word)
        if found is None:
            costs = dict(self._near(word))
            likeliest = sorted(costs, key=lambda other: costs[other] + self._words[other])[:_MOST_MEANT]
            found = {other: costs[other] for other in likeliest}
            if len(self._meant) >= _REMEMBERED:
                self._meant.clear()
            self._meant[word] = found
        return found

    def _near(self, word: str) -> Iterator[tuple[str, int]]:
        if len(word) == 1 or word in self._words:
            usual, rarest = (_OF_A_KNOWN_WORD, _COMMON) if len(word) > 1 else (_OF_A_LETTER, _COMMONEST)
            yield from ((other, usual) for other, cost in self._one_slip(word, rarest=rarest) if cost == SLIP)
        else:
            near = dict(self._one_slip(word, rarest=_COMMONEST if len(word) <= _TINY else _RAREST))
            if _TINY < len(word) < _LONG_FROM:
                near = (
                    dict.fromkeys(self._brief.near(word, ("",), letters_off=_MOST_LETTERS_OFF_SHORT), _TWO_SLIPS) | near
                )
            elif not near and _LONG_FROM <= len(word) <= _LONGEST:
                near = dict.fromkeys(self._two_slips(word), _TWO_SLIPS)
            yield from near.items()

    def _one_slip(self, word: str, *, rarest: int) -> Iterator[tuple[str, int]]:
        for other in one_slip_away(word):
            if self._words.get(other, _RAREST + 1) <= rarest and other != word:
                yield other, SLIP if is_usual(word, other) else SLIP + _UNUSUAL

    def _two_slips(self, word: str) -> Iterator[str]:
        """The commonest word two slips away of which a third of this one was left in peace."""
        third = len(word) // 3
        parts = (word[:third], word[third:-third], word[-third:])
        yield from islice(self._long.near(word, parts, letters_off=_MOST_LETTERS_OFF), 1)

    def _upto(self, rarest: int) -> list[str]:
        common = (word for word, tenths in self._words.items() if tenths <= rarest)
        return sorted(common, key=self._words.__getitem__)


class _Shapes:
    """Words (n,), the commonest first, by their letters: which are worth comparing letter by letter?"""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._letters, self._lengths = _shapes(words)

    def near(self, word: str, parts: Sequence[str], *, letters_off: int) -> Iterator[str]:
        """Those at most two slips from the word that have one of the parts.

        ``letters_off``: the most that stand in one of both alone.
        """
        letters, length = _shapes((word,))
        near = np.bitwise_count(self._letters ^ letters) <= letters_off
        near &= abs(self._lengths - length) <= 2
        for place in np.flatnonzero(near).tolist():
            known = self._words[place]
            if any(part in known for part in parts) and within_two(word, known):
                yield known


def _shapes(words: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Which letters each word (n,) of up to 18 has, a bit for each of a to z, and how many in all."""
    codes = np.array(words, dtype=f"S{_LONGEST}").view(np.uint8).reshape(len(words), _LONGEST)
    bits = np.where(codes > 0, np.uint32(1) << (codes & np.uint8(31)), np.uint32(0))
    return np.bitwise_or.reduce(bits, axis=1), np.count_nonzero(codes, axis=1)
