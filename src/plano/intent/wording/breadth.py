"""Descriptions of routes that are for no subject: "general questions", "casual conversation", "complex reasoning".

An encoder takes such a description for a subject of its own, next to which "what is the capital of Peru?" is a question
about geography. People mean what anybody may ask anybody, or what is hard whatever it is about. So these descriptions
are known by their words: none of them has a word of a subject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum


class Kind(Enum):
    """What such a route is for."""

    TALK = "talk"
    FACTS = "facts"
    QUESTIONS = "questions"
    HARD = "hard"


_MARKS = (
    "basic brief broad casual common commonplace easy everyday factual friendly general generic idle informal light "
    "lightweight low misc miscellaneous open ordinary quick random short simple straightforward trivial"
)
"""A part of a description is for nothing in particular when it has one of these and a word of a kind."""

_HARD_MARKS = (
    "advanced challenging complex complicated deep demanding depth detailed difficult elaborate hard heavy intricate "
    "multi sophisticated step steps tough tricky"
)
"""And it is for what is hard, whatever it is about, when it has one of these and one of the next."""

_HARD = (
    "analyses analysis analytical deduction inference logic logical math maths mathematics plan planning plans problem "
    "problems proofs queries query question questions reasoning reasons requests research solving strategic strategies "
    "strategy tasks thinking thought"
)
_TALK = "chat chats chatter chatting conversation conversational conversations talk"
_FACTS = "factual facts knowledge lookups"
_QUESTIONS = "answer answers answering ask asks enquiries enquiry inquiries inquiry qa queries query question questions"
_KINDS = ((Kind.TALK, _TALK), (Kind.FACTS, _FACTS), (Kind.QUESTIONS, _QUESTIONS))
"""The first one counts that has a word in the part."""

_UNMARKED = {"banter": Kind.TALK, "chitchat": Kind.TALK, "smalltalk": Kind.TALK, "trivia": Kind.FACTS}
"""Words that need no mark."""

_WHOLE = {"chat": Kind.TALK, "chatting": Kind.TALK, "conversation": Kind.TALK}
"""And those that need none where they are the whole part."""

_BESIDE = (
    "a about all an and any anybody anyone anything are asked assistant be bot but can careful carefully context "
    "curiosity daily definition definitions do domain effort ended everyone everything expertise fact few for from "
    "greeting greetings if in info information is it just kind kinds life like line little many more most need needed "
    "needing needs of on one only other people plain pleasantries purpose reasoning request requests require requires "
    "requiring s sentence several single small that the their these things this those thought to tool tools topic "
    "topics type types user users various what when where which who whole with world you"
)
"""What says nothing of a subject."""

_MARK_WORDS = frozenset(_MARKS.split())
_HARD_MARK_WORDS, _HARD_WORDS = frozenset(_HARD_MARKS.split()), frozenset(_HARD.split())
_KIND_WORDS = tuple((kind, frozenset(words.split())) for kind, words in _KINDS)
SUBJECTLESS = _MARK_WORDS.union(
    *(_BESIDE.split(), _UNMARKED, _HARD_MARK_WORDS, _HARD_WORDS), *(words for _, words in _KIND_WORDS)
)
"""Every word of a description for nothing in particular is one of these."""

_SPELT = re.compile(r"\bsmall[- ]talk\b|\bchit[- ]chat\b|\bcatch[- ]all\b|\bq ?& ?a\b")
_SENTENCE = re.compile(r"[.;:!?()\n]")
_EXCLUDED = re.compile(
    r"\b(?:not|no|never|nor|except|exclud(?:e|es|ing)|without|unlike|isn't|aren't|than|separate|elsewhere|out$)\b"
)
_PART = re.compile(r",|/|\band\b|\bor\b|\bplus\b|&")
_WORD = re.compile(r"[^\W_]+")


def kinds_of(description: str) -> frozenset[Kind]:
    """What a route is for, where at least half of its description is for nothing in particular; else nothing.

    What stands behind "not", "without", "other than" and the like does not count. A part with a word of a subject
    is for that: "simple questions" is for nothing in particular, "simple SQL queries" is for databases.
    """
    found: list[Kind] = []
    others = 0
    for part in _included(spelt(description)):
        words = words_of(part)
        kind = kind_of(words)
        if kind is not None:
            found.append(kind)
        elif not SUBJECTLESS.issuperset(words):
            others += 1
    return frozenset(found) if len(found) >= others else frozenset()


def kind_of(words: list[str]) -> Kind | None:
    """The kind of a part, None where it has a subject or says nothing."""
    if not SUBJECTLESS.issuperset(words):
        return None
    if len(words) == 1:
        return _UNMARKED.get(words[0]) or _WHOLE.get(words[0])
    for word in words:
        if word in _UNMARKED:
            return _UNMARKED[word]
    if not _HARD_MARK_WORDS.isdisjoint(words):
        return None if _HARD_WORDS.isdisjoint(words) else Kind.HARD
    if _MARK_WORDS.isdisjoint(words):
        return None
    return next((kind for kind, own in _KIND_WORDS if not own.isdisjoint(words)), None)


def spelt(description: str) -> str:
    """In small letters; what is written as one or two words, as one."""
    return _SPELT.sub(_joined, description.lower())


def parts_of(text: str) -> list[str]:
    """What stands between commas, slashes, "and" and "or"."""
    return _PART.split(text)


def sentences_of(text: str) -> list[str]:
    """What stands between stops, colons and brackets."""
    return _SENTENCE.split(text)


def words_of(text: str) -> list[str]:
    """Its words, in order."""
    return _WORD.findall(text)


def _included(description: str) -> Iterator[str]:
    for sentence in sentences_of(description):
        included, *excluded = _EXCLUDED.split(sentence, maxsplit=1)
        yield from parts_of(included)
        if excluded:
            # "Not quick facts. Not small talk, greetings": what follows is mostly more of it.
            return


def _joined(found: re.Match[str]) -> str:
    return "qa" if found[0].startswith("q") else re.sub(r"[- ]", "", found[0])
