"""Slips of the finger, put right before the encoders read them: a word that nobody knows becomes a known one near it.

A sentence encoder falls apart on a misspelt word: it reads it as three scraps of other words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plano.intent.wording.lexicon import Lexicon

_WORD = re.compile(r"(?<!\w)(?<!\.\.\. )[A-Za-z]+(?!\w)(?! \.\.\.)")
"""Not what stands beside an ellipsis: where a long text was cut, half a word may stand."""

_SHORTEST, _LONGEST = 2, 18
_LONGEST_ACRONYM = 4
_CAPITALS = 2
"""With this many letters at its start or fewer, capitals may be slips of the shift key."""

_MOST_UNKNOWN = 32
_LEAST_KNOWN = 0.25


class Speller:
    """Puts words right by a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def corrected(self, text: str) -> str:
        """The text with words replaced by what the lexicon says was meant; 32 unknown ones are looked at.

        Parts of longer names (``sort_ing``, ``x1``), words in the case of variables and acronyms, words of one letter
        and of more than 18, and texts that are not mostly English are left alone.
        """
        lexicon = self._lexicon
        words = _WORD.findall(text)
        distinct = dict.fromkeys(word for word in words if _is_plain(word))
        unknown = [word for word in distinct if word.lower() not in lexicon]
        if sum(word.lower() in lexicon for word in words) < _LEAST_KNOWN * len(words):
            return text
        skipped = frozenset(unknown[_MOST_UNKNOWN:])
        meant = {word: lexicon.meant(word.lower()) for word in distinct if word not in skipped}
        wrong = {word: other for word, other in meant.items() if other != word.lower()}
        return _WORD.sub(lambda match: wrong.get(match.group(), match.group()), text) if wrong else text


def _is_plain(word: str) -> bool:
    """Is it written as words of a sentence are, or with a slip of the shift key, of a length that can be guessed?"""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return False
    if word.islower() or word.istitle() or (word.isupper() and len(word) > _LONGEST_ACRONYM):
        return True
    return len(word) > _CAPITALS + 1 and word[_CAPITALS:].islower()
