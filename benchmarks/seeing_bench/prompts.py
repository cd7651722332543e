"""What callers ask: whole conversations of one to three turns, drawn by chance from a table by kind."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FILL: Mapping[str, tuple[str, ...]] = {
    "language": ("Python", "Rust", "Go", "TypeScript", "Java", "SQL", "bash"),
    "thing": ("rate limiter", "LRU cache", "binary search tree", "CSV parser", "job queue", "connection pool"),
    "fault": ("returns None for an empty list", "deadlocks under load", "leaks memory", "is off by one at midnight"),
    "topic": ("black holes", "the French Revolution", "photosynthesis", "compound interest", "plate tectonics"),
    "meal": ("lunch", "a birthday", "two vegetarians", "a picnic"),
    "reader": ("a new colleague", "the board", "customers", "a ten-year-old"),
    "tongue": ("German", "Spanish", "Japanese", "Polish"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """Conversations of a kind. ``openings``: first turns. ``followups``: later ones. ``weight``: how common it is.

    ``attached``: a text that the first turn is about.
    """

    weight: float
    openings: tuple[str, ...]
    followups: tuple[str, ...]
    attached: str = ""


KINDS = (
    Kind(
        weight=4,
        openings=(
            "write a {thing} in {language}, with tests",
            "Implement a thread-safe {thing} in {language} please",
            "I need a {language} function that validates email addresses and rejects disposable domains",
            "generate the boilerplate of a {language} web service with one health endpoint",
            "how would I write a {thing} without any dependency in {language}?",
        ),
        followups=("now the same in {language}", "add type hints and docstrings", "can you make it asynchronous?"),
    ),
    Kind(
        weight=3,
        openings=(
            "My {thing} {fault}. What is wrong with this code?\n\n{text}",
            "why does this {language} code fail with a stack overflow?\n\n{text}",
            "Find the bug: the {thing} {fault}\n\n{text}",
        ),
        followups=("and why did the tests not catch it?", "what else could go wrong there?"),
        attached="src/plano/race.py",
    ),
    Kind(
        weight=2,
        openings=(
            "Summarise this for {reader} in five bullet points:\n\n{text}",
            "tl;dr of the following document, please\n\n{text}",
            "Condense this into one paragraph for {reader}.\n\n{text}",
        ),
        followups=("shorter", "now for {reader}", "translate that into {tongue}"),
        attached="docs/reliability.md",
    ),
    Kind(
        weight=4,
        openings=(
            "hi there, how are you?",
            "what should I cook for {meal}?",
            "Explain {topic} to {reader}",
            "what is a good present for {reader}?",
            "tell me something surprising about {topic}",
        ),
        followups=("thanks! and for {meal}?", "why is that?", "tell me more about {topic}"),
    ),
)
_REPLY = "Certainly. Here is what I would suggest, step by step, and where the limits of it are."
_LONGEST_TEXT = 6_000


class Callers:
    """Draws conversations; the same seed draws the same ones."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._texts = {kind.attached: _text(kind.attached) for kind in KINDS}

    def conversation(self) -> list[dict[str, str]]:
        """Its turns: of the user, of the assistant, and again; the user's is the last."""
        (kind,) = self.chance.choices(KINDS, weights=[kind.weight for kind in KINDS])
        turns = [_turn("user", self._filled(self.chance.choice(kind.openings), self._texts[kind.attached]))]
        for _ in range(self.chance.choice((0, 0, 0, 1, 2))):
            turns += [_turn("assistant", _REPLY), _turn("user", self._filled(self.chance.choice(kind.followups), ""))]
        return turns

    def _filled(self, template: str, text: str) -> str:
        words = {name: self.chance.choice(choices) for name, choices in _FILL.items()}
        begin = self.chance.randrange(max(1, len(text) // 2))
        return template.format(**words, text=text[begin : begin + self.chance.randrange(200, _LONGEST_TEXT)])


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8") if path else ""


def _turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
