"""What routes for nothing in particular mean, and requests that belong to them, by kind."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Final

from plano.intent.wording.breadth import Kind

_FACTS: Final = (
    "general knowledge: factual questions on anything",
    "trivia and quick facts about people, places, history and science",
    "definitions: what words, terms and abbreviations mean",
)
_MEANINGS: Final = {
    Kind.TALK: (
        "small talk: casual conversation, greetings and chat",
        "opinions and light chat about daily life",
    ),
    Kind.FACTS: _FACTS,
    Kind.QUESTIONS: (
        *_FACTS,
        "simple everyday questions with a short answer",
        "opinions, recommendations and light advice in daily life",
    ),
    Kind.HARD: (
        "demanding problems in any field where many conditions interact",
        "mathematical proofs and difficult calculations",
        "logic puzzles and conclusions from several statements",
        "planning and scheduling under constraints",
        "strategic analysis, weighing options against each other",
        "working out causes and consequences step by step",
    ),
}


def meanings(kinds: Collection[Kind]) -> tuple[str, ...]:
    """Descriptions in the words of the bank, each once."""
    return tuple(dict.fromkeys(text for kind in Kind if kind in kinds for text in _MEANINGS[kind]))


def requests(kinds: Collection[Kind]) -> tuple[str, ...]:
    """Requests, each once: who is for questions of any kind is for those about facts, too."""
    wanted = {kind.value for kind in kinds}
    if Kind.QUESTIONS in kinds:
        wanted.add(Kind.FACTS.value)
    return tuple(text for kind, text in _shipped() if kind in wanted)


@cache
def _shipped() -> tuple[tuple[str, str], ...]:
    lines = files("plano.intent.wording").joinpath("everyday.txt").read_text(encoding="ascii").splitlines()
    return tuple((kind, text) for kind, _, text in (line.partition("\t") for line in lines))
