"""Requests that name the route they want to take: what is asked for decides, so the demand is not read.

Whoever may choose a model puts its name into ``model``; a prompt that says "use the premium model" is a joke or an
attempt to be routed to what is expensive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOUN = r"(?:model|route|router|agent|expert|specialist|handler|category|queue|department|team)"
_GAP = r"\s++"
_NAME = r"[^.!?:;\n]{0,59}?[^.!?:;\s]"
"""Neither gives back white space: a long run of it must not be tried once for each of its places."""

_DEMANDS = re.compile(
    rf"\b(?:use|pick|choose|select|take|want|prefer|need){_GAP}(?:(?:the|your){_GAP})?(?P<used>{_NAME}){_GAP}{_NOUN}\b"
    rf"|\b(?:route|send|forward|pass|direct|hand){_GAP}(?:this|it|that|me){_GAP}(?:(?:over|on){_GAP})?to{_GAP}"
    rf"(?:the{_GAP})?(?P<sent>{_NAME})(?:{_GAP}{_NOUN})?[^\S\n]*+(?=[.!?:;\n]|$)",
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
