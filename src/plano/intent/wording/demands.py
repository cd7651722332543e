"""Requests that name the route they want to take: what is asked for decides, so the demand is not read.

Whoever may choose a model puts its name into ``model``; a prompt that says "use the premium model" is a joke or an
attempt to be routed to what is expensive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOUN = r"(?:model|route|router|agent|expert|specialist|handler|category|queue|department|team)"
_GAP = r"\s++"
_WITHIN = r"(?:[^.!?:;\n]|[.:](?=[^\s.:]))"
"""A character of a sentence. A full stop and a colon are such, where a name goes on behind them: "gpt-4.1", "a:b"."""
_NAME = rf"{_WITHIN}{{0,59}}?[^.!?:;\s]"
"""Neither this nor the gap gives back white space: a long run of it must not be tried once for each of its places."""

_DEMANDS = re.compile(
    rf"\b(?:use|pick|choose|select|take|want|prefer|need){_GAP}(?:(?:the|your){_GAP})?(?P<used>{_NAME}){_GAP}{_NOUN}\b"
    rf"|\b(?:route|send|forward|pass|direct|hand){_GAP}(?:this|it|that|me){_GAP}(?:(?:over|on){_GAP})?to{_GAP}"
    rf"(?:the{_GAP})?(?P<sent>{_NAME})(?:{_GAP}{_NOUN})?[^\S\n]*+(?=[!?;]|[.:]*+(?:\s|$))",
    re.IGNORECASE,
)
_TOWARDS = "by for to via with through using at on"
_EMPTY = (
    "and but so ok okay also please kindly only just simply strictly exclusively always better best now here "
    "this that it these one all everything my the a an request question message task is are be was goes go going "
    "must should shall can could would will may i you we want need like prefer answer answered handle handled do "
    "done deal dealt meant intended made route routed send sent forward forwarded pass passed direct directed "
    "hand handed over straight directly"
)
_AFTER = "please only thanks now instead model route router agent expert team"
_TOWARDS_WORDS, _AFTER_WORDS = frozenset(_TOWARDS.split()), frozenset(_AFTER.split())
_EMPTY_WORDS = frozenset(_EMPTY.split()) | _TOWARDS_WORDS
_LONGEST_POINTER = 160
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_SENTENCE = re.compile(rf"{_WITHIN}++[.!?:;\n]*+\s*+")
_UNSTOPPED = re.compile(r"(?<=\s)(?=(?:This|That|It|And|Only|Please|Use|Pick|Choose|Select|Route|Send|Forward)\b)")
"""Where a demand may begin behind a request that its author ended without a stop."""


def without_demands(text: str, names: Iterable[str]) -> str:
    """The text without the sentences that ask for a route of these names; all of it when nothing else is left.

    A sentence ends at a stop, a colon or the end of a line, or where a capital begins a demand. It asks for a route
    when it has the form of a demand, or when it says nothing but where to go ("this is for premium"). The case of a
    name and what stands between its words do not matter.
    """
    offered = frozenset(map(_folded, names))
    sentences = [part for sentence in _SENTENCE.findall(text) for part in _UNSTOPPED.split(sentence)]
    kept = [sentence for sentence in sentences if not _demands_one(sentence, offered)]
    return text if len(kept) == len(sentences) else "".join(kept).strip() or text


def _demands_one(sentence: str, offered: frozenset[str]) -> bool:
    if any(_folded(found["used"] or found["sent"]) in offered for found in _DEMANDS.finditer(sentence)):
        return True
    return len(sentence) <= _LONGEST_POINTER and _only_points(_folded(sentence).split(), offered)


def _only_points(words: list[str], offered: frozenset[str]) -> bool:
    """Is there nothing but empty words before "to", "by" and the like, and nothing but an offered name after it?"""
    while words and words[-1] in _AFTER_WORDS:
        words = words[:-1]
    for place, word in enumerate(words):
        if word in _TOWARDS_WORDS and " ".join(words[place + 1 :]) in offered:
            return True
        if word not in _EMPTY_WORDS:
            return False
    return False


def _folded(name: str) -> str:
    return _BETWEEN_WORDS.sub(" ", name).strip().lower()
