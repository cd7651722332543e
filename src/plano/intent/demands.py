"""Requests that name the route they want to take: what is asked for decides, so the demand is not read.

Whoever may choose a model puts its name into ``model``; a prompt that says "use the premium model" is a joke or an
attempt to be routed to what is expensive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOUN = r"(?:model|route|router|agent|expert|specialist|handler|category|queue|department|team)"
_DEMANDS = re.compile(
    rf"\b(?:use|pick|choose|select|take|want|prefer|need)\s+(?:the\s+|your\s+)?(?P<used>[^.!?:;\n]{{1,60}}?)\s+{_NOUN}\b"
    r"|\b(?:route|send|forward|pass|direct|hand)\s+(?:this|it|that|me)\s+(?:over\s+|on\s+)?to\s+(?:the\s+)?"
    rf"(?P<sent>[^.!?:;\n]{{1,60}}?)(?:\s+{_NOUN})?(?=[.!?:;\n]|$)",
    re.IGNORECASE,
)
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SENTENCE = re.compile(r"[^.!?:;\n]+[.!?:;\n]*\s*")


def without_demands(text: str, names: Iterable[str]) -> str:
    """The text without the sentences that ask for a route of these names; all of it when nothing else is left.

    A sentence ends at a stop, a colon or the end of a line. The case of a name and what stands between its words do not
    matter.
    """
    if _DEMANDS.search(text) is None:
        return text
    offered = frozenset(map(_folded, names))
    kept = [sentence for sentence in _SENTENCE.findall(text) if not _demands_one(sentence, offered)]
    return "".join(kept).strip() or text


def _demands_one(sentence: str, offered: frozenset[str]) -> bool:
    return any(_folded(found["used"] or found["sent"]) in offered for found in _DEMANDS.finditer(sentence))


def _folded(name: str) -> str:
    return _BETWEEN_WORDS.sub(" ", name).strip().lower()
