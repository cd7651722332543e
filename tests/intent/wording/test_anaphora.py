"""Which utterances lean on what was said before."""

from __future__ import annotations

import pytest

from plano.intent.wording.anaphora import leans_back


@pytest.mark.parametrize(
    "text",
    [
        "and in french?", "Same error", "make it shorter", "what about the second one", "german as well pls",
        "still truncated", "OK do it", "» and now?", "noch kürzer", "et pour demain ?", "¿y mañana?",
        "do the others too",
    ],
)  # fmt: skip
def test_conjunctions_pronouns_and_repetitions_lean_back(text: str) -> None:
    assert leans_back(text)


@pytest.mark.parametrize(
    "text",
    ["", "book a flight to Rome", "translate: der Zug ist weg", "android phone screen cracked", "write an item list"],
)
def test_what_stands_alone_does_not(text: str) -> None:
    assert not leans_back(text)


def test_a_long_utterance_has_a_subject_of_its_own() -> None:
    """Whatever it points at."""
    assert leans_back("and then this" + " x" * 33)
    assert not leans_back("and then this" + " x" * 34)
