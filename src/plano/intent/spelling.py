"""Slips of the finger, put right before the encoder reads them: a word that nobody knows becomes a known one beside it.

A sentence encoder falls apart on a misspelt word: it reads it as three scraps of other words. The known words are those
of written requests and then those of the encoder's own vocabulary, both in the order of how common they are. Follows
Norvig 2007, "How to Write a Spelling Corrector".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from string import ascii_lowercase

_WORD = re.compile(r"[A-Za-z]+")
_SHORTEST, _LONGEST = 4, 16
_MOST_CORRECTED = 16
_LEAST_KNOWN = 0.4
_CACHED_WORDS = 8_192


class Speller:
    """Known words, the commoner ones first. Safe in any thread: what it remembers is a plain, bounded cache."""

    def __init__(self, words: Iterable[str]) -> None:
        known = dict.fromkeys(word for word in words if len(word) > 1 and word.isascii() and word.isalpha())
        self._ranks = {word: rank for rank, word in enumerate(known)}
        self._meant: dict[str, str] = {}

    def corrected(self, text: str) -> str:
        """The text with up to 16 unknown words replaced, each by the commonest known word one slip away, if any.

        A slip is a letter too many, missing, wrong, or swapped with the next. Words of fewer than four letters, names
        of variables, and texts that are not mostly English are left alone.
        """
        if not text.isascii():
            return text
        words = _WORD.findall(text)
        unknown = dict.fromkeys(word for word in words if word.lower() not in self._ranks)
        if sum(word not in unknown for word in words) < _LEAST_KNOWN * len(words):
            return text
        chosen = [word for word in unknown if _is_plain(word)][:_MOST_CORRECTED]
        if not chosen:
            return text
        meant = {word: self._nearest(word.lower()) for word in chosen}
        return _WORD.sub(lambda match: meant.get(match.group(), match.group()), text)

    def _nearest(self, word: str) -> str:
        found = self._meant.get(word)
        if found is None:
            ranks = self._ranks
            found = min((near for near in one_slip_away(word) if near in ranks), key=ranks.__getitem__, default=word)
            if len(self._meant) >= _CACHED_WORDS:
                self._meant.clear()
            self._meant[word] = found
        return found


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


def _is_plain(word: str) -> bool:
    """Is it written as words of a sentence are, and of a length at which a guess is safe?"""
    is_usual = word.islower() or word.istitle() or (word.isupper() and len(word) > _SHORTEST)
    return is_usual and _SHORTEST <= len(word) <= _LONGEST
