"""Slips of the finger, put right before the encoders read them: the likeliest words that may have been meant.

A sentence encoder falls apart on a misspelt word: it reads it as three scraps of other words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from plano.intent.wording.boundaries import rejoined

if TYPE_CHECKING:
    from plano.intent.wording.language import Language
    from plano.intent.wording.lexicon import Lexicon

_WORD = re.compile(r"(?<![\w\\])(?<!\.\.\. )[A-Za-z]+(?![\w(\[])(?! \.\.\.)")
"""No commands and calls, and not what stands beside an ellipsis: where a long text was cut, half a word may stand."""

_LONE = re.compile(r"(?:(?<![^ ])(?<![^A-Za-z,.;] ))[a-z](?= [A-Za-z]|$)")
"""A letter that stands where a word should: between words, not in a formula."""

_SENTENCE_ENDS = re.compile(r"[.?!\n:;]")

_SHORTEST, _LONGEST = 2, 18
_LONGEST_ACRONYM = 4
_CAPITALS = 2
"""With this many letters at its start or fewer, capitals may be slips of the shift key."""

_MOST_UNKNOWN = 32
_LEAST_KNOWN = 0.25
_MOST_SLIPS = 0.35


class _Place(NamedTuple):
    """``costs``: what may stand there, as typed first, and the price of the slips. ``before``: the text between this
    word and the one before.
    """

    match: re.Match[str]
    costs: Mapping[str, int]
    before: str


class Speller:
    """Puts words right: by what slips make of words, and by which words are written after which."""

    def __init__(self, language: Language, lexicon: Lexicon) -> None:
        self._language = language
        self._lexicon = lexicon

    def corrected(self, text: str) -> str:
        """The text with words replaced by what was likely meant; 32 different unknown ones are looked at.

        The more words nobody knows, the likelier slips are, and the sooner a known word is taken for one ("form" for
        "from"): a text in which everything is known stays as it is. So do parts of longer names (``sort_ing``,
        ``x1``), words in the case of variables and acronyms, words of more than 18 letters, and texts that are not
        mostly English.
        """
        words, known = _WORD.findall(text), self._language.words
        doubtful = [word for word in words if _is_plain(word) and self._lexicon.is_doubtful(word.lower())]
        if not doubtful or len(words) - sum(word.lower() not in known for word in words) < _LEAST_KNOWN * len(words):
            return text
        share = min((len(doubtful) + 0.3) / (len(words) + 3), _MOST_SLIPS)
        text = rejoined(text, self._language, self._lexicon)
        places = list(self._places(text, price=round(-10 * math.log(share / (1 - share)))))
        parts, end = list[str](), 0
        for place, word in zip(places, self._likeliest(places), strict=True):
            if word != place.match.group().lower():
                parts += (text[end : place.match.start()], word)
                end = place.match.end()
        return "".join((*parts, text[end:]))

    def _places(self, text: str, *, price: int) -> Iterator[_Place]:
        """The words of a text and what each may have been meant to be. ``price``: of a slip, tenths of a nat."""
        end, looked_at = 0, set[str]()
        for match in _WORD.finditer(text):
            word, costs = match.group().lower(), {match.group().lower(): 0}
            if word not in self._language.words and len(looked_at) < _MOST_UNKNOWN:
                looked_at.add(word)
            is_word = _is_plain(match.group()) or _LONE.match(text, match.start())
            if is_word and (word in looked_at or word in self._language.words):
                costs |= {other: price + cost for other, cost in self._lexicon.meant(word).items()}
            yield _Place(match, costs, text[end : match.start()])
            end = match.end()

    def _likeliest(self, places: Sequence[_Place]) -> list[str]:
        """The words that make the whole likeliest (Viterbi 1967)."""
        totals, steps = {"": 0}, []
        for place in places:
            totals, came_from = self._step(totals, place)
            steps.append(came_from)
        word, chosen = min(totals, key=totals.__getitem__), list[str]()
        for came_from in reversed(steps):
            chosen.append(word)
            word = came_from[word]
        return chosen[::-1]

    def _step(self, totals: Mapping[str, int], place: _Place) -> tuple[dict[str, int], dict[str, str]]:
        """The least cost up to each word that may stand here, and the word before it on that way."""
        after, reached, came_from = self._language.after, dict[str, int](), dict[str, str]()
        best = min(totals, key=totals.__getitem__)
        begins = not place.match.start() or _SENTENCE_ENDS.search(place.before)
        for word, cost in place.costs.items():
            if place.before == " ":
                came_from[word] = min(totals, key=lambda before: totals[before] + after(before, word))
                reached[word] = totals[came_from[word]] + after(came_from[word], word) + cost
            else:
                came_from[word] = best
                reached[word] = totals[best] + (after("", word) if begins else self._language.alone(word)) + cost
        return reached, came_from


def _is_plain(word: str) -> bool:
    """Is it written as words of a sentence are, or with a slip of the shift key, of a length that can be guessed?"""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return False
    if word.islower() or word.istitle() or (word.isupper() and len(word) > _LONGEST_ACRONYM):
        return True
    return len(word) > _CAPITALS + 1 and word[_CAPITALS:].islower()
