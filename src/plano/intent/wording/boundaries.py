"""Letters that changed places with the space beside them: "tob e" was "to be", "w hat" was "what"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plano.intent.wording.lexicon import SLIP

if TYPE_CHECKING:
    from plano.intent.wording.language import Language
    from plano.intent.wording.lexicon import Lexicon

_PAIR = re.compile(r"(?<![\w'’`\\@&.-])(?=([A-Za-z]+) ([A-Za-z]+)(?![\w'’`\\@&-]))")
"""Two words side by side, each pair of a row of them; not what is joined to something else."""

_RAREST = 110
_ANOTHER_SLIP = 30
_MOST_PAIRS = 32


def rejoined(text: str, language: Language, lexicon: Lexicon) -> str:
    """The text with such letters put back where that is likelier than slips within both words; 32 pairs are tried."""
    words = language.words
    tried, end, parts = 0, 0, list[str]()
    for match in _PAIR.finditer(text):
        first, second = match[1].lower(), match[2].lower()
        if match.start(1) < end or tried == _MOST_PAIRS or (first in words and second in words):
            continue
        tried += 1
        kept = _kept(first, second, language, lexicon)
        cost, best = min(_moved(first, second, language), default=(kept, ""))
        if cost < kept:
            parts += (text[end : match.start(1)], best)
            end = match.end(2)
    return "".join((*parts, text[end:]))


def _moved(first: str, second: str, language: Language) -> Iterator[tuple[int, str]]:
    """What the two are with a letter moved over the space, where that makes known words of them, and its surprisal.

    A single letter may leave none of its word: then the two become one.
    """
    for one, other in ((first[:-1], first[-1] + second), (first + second[0], second[1:])):
        made = [word for word in (one, other) if word]
        if all(language.words.get(word, _RAREST + 1) <= _RAREST for word in made):
            surprisal = language.alone(made[0]) + (language.after(one, other) if len(made) == 2 else 0)
            yield surprisal + SLIP, " ".join(made)


def _kept(first: str, second: str, language: Language, lexicon: Lexicon) -> int:
    """The surprisal of the two with the space where it is, or of what they may have been meant to be."""
    return min(
        language.alone(one) + language.after(one, other) + slips + more
        for one, slips in _options(first, language, lexicon)
        for other, more in _options(second, language, lexicon)
    )


def _options(word: str, language: Language, lexicon: Lexicon) -> list[tuple[str, int]]:
    """The word, and where it is unknown what may have been meant by it, with the price of the slips."""
    meant = () if word in language.words else lexicon.meant(word).items()
    return [(word, 0), *((other, cost + _ANOTHER_SLIP) for other, cost in meant)]
