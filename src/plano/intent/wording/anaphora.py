"""Words that lean on what was said before: an utterance with one of them seldom changes the subject.

"and in french?", "still the same", "make it shorter": an encoder sees next to nothing in them, a reader knows at once
that they continue. The words are the closed class of every grammar: conjunctions and answers at the beginning,
pronouns and adverbs of repetition anywhere.
"""

from __future__ import annotations

import re

_LONGEST = 80
"""Characters. A longer utterance has a subject of its own, whatever it points at: above, more is lost than won."""

_FIRST = (
    "actually again also and but first hmm longer more no nope now ok okay or same second shorter so still "
    "the then third why yeah yep yes "
    "aber auch ja nein noch oder und warum aussi encore et mais non ou oui pourquoi pero también sí y"
)
_ANYWHERE = (
    "again another both else instead it its one ones other same that them these they this those too "
    "beide diese nochmal stattdessen cela eso esto ça"
)
_PHRASES = ("how about", "what about", "as well", "por qué")


_LEANS = re.compile(
    rf"^\W*(?:{'|'.join(_FIRST.split())})\b|\b(?:{'|'.join((*_ANYWHERE.split(), *_PHRASES))})\b", re.IGNORECASE
)


def leans_back(text: str) -> bool:
    """Does a short utterance point at what was said before?"""
    return len(text) < _LONGEST and _LEANS.search(text) is not None
