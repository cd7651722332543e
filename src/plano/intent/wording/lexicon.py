"""What a word that nobody knows was meant to be: the likeliest known one that one or two slips turn into it.

Follows the noisy channel (Kernighan, Church and Gale 1990; Norvig 2007, "How to Write a Spelling Corrector"): how often
a word is written, times how likely such a slip is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from plano.intent.wording.slips import is_usual, one_slip_away, within_two

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNUSUAL = 50
"""What a slip that fingers seldom make costs."""

_RAREST, _COMMON = 160, 80
"""Up to the first surprisal words are meant; by three letters or fewer only those up to the second."""

_MUCH_COMMONER = 85
_SHORT = 3
_TWO_SLIPS_FROM, _LONGEST = 6, 18
_MOST_LETTERS_OFF = 4
_REMEMBERED = 8_192


class Lexicon:
    """Known words and the surprisal of each: -ln of its share of what is written, in tenths of a nat.

    Safe in any thread: what it remembers is a plain, bounded cache.
    """

    def __init__(self, surprisals: Mapping[str, int]) -> None:
        self._surprisals = surprisals
        common = (word for word, tenths in surprisals.items() if tenths <= _RAREST)
        self._long = sorted(
            (word for word in common if _TWO_SLIPS_FROM - 1 <= len(word) <= _LONGEST), key=surprisals.__getitem__
        )
        self._letters, self._lengths = _shapes(self._long)
        self._slips_of_common = self._slipped_common()
        self._meant: dict[str, str] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._surprisals

    def meant(self, word: str) -> str:
        """What was meant by a word of lower-case letters: itself, when it is known or nothing known is near.

        A known word is what was meant, unless a usual slip makes it of one five thousand times as common ("thw").
        """
        if word in self._surprisals:
            return self._slips_of_common.get(word, word)
        found = self._meant.get(word)
        if found is None:
            found = self._one_slip(word) or self._two_slips(word) or word
            if len(self._meant) >= _REMEMBERED:
                self._meant.clear()
            self._meant[word] = found
        return found

    def _slipped_common(self) -> dict[str, str]:
        slipped: dict[str, str] = {}
        common = (word for word, tenths in self._surprisals.items() if tenths <= _COMMON)
        for meant in sorted(common, key=self._surprisals.__getitem__):
            for typed in one_slip_away(meant):
                tenths = self._surprisals.get(typed, 0)
                if tenths >= self._surprisals[meant] + _MUCH_COMMONER and is_usual(typed, meant):
                    slipped.setdefault(typed, meant)
        return slipped

    def _one_slip(self, word: str) -> str | None:
        """The likeliest word one slip away."""
        best, least = None, _RAREST + _UNUSUAL
        rarest = _COMMON if len(word) <= _SHORT else _RAREST
        for near in one_slip_away(word):
            tenths = self._surprisals.get(near, least)
            if tenths < least and tenths <= rarest:
                tenths += 0 if is_usual(word, near) else _UNUSUAL
                if tenths < least:
                    best, least = near, tenths
        return best

    def _two_slips(self, word: str) -> str | None:
        """The commonest word two slips away of which a third of this one was left in peace."""
        if not _TWO_SLIPS_FROM <= len(word) <= _LONGEST:
            return None
        letters, lengths = _shapes((word,))
        near = np.bitwise_count(self._letters ^ letters) <= _MOST_LETTERS_OFF
        near &= abs(self._lengths - lengths) <= 2
        third = len(word) // 3
        parts = (word[:third], word[third:-third], word[-third:])
        for place in np.flatnonzero(near).tolist():
            known = self._long[place]
            if any(part in known for part in parts) and within_two(word, known):
                return known
        return None


def _shapes(words: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Which letters each word (n,) of up to 18 has, a bit for each of a to z, and how many in all."""
    codes = np.array(words, dtype=f"S{_LONGEST}").view(np.uint8).reshape(len(words), _LONGEST)
    bits = np.where(codes > 0, np.uint32(1) << (codes & np.uint8(31)), np.uint32(0))
    return np.bitwise_or.reduce(bits, axis=1), np.count_nonzero(codes, axis=1)
