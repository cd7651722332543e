"""Which texts are not English."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plano.intent.wording.tongue import is_foreign

REQUESTS: dict[str, list[tuple[str, str | None]]] = json.loads(
    (Path(__file__).parents[1] / "tongues.json").read_text(encoding="utf-8")
)["requests"]


@pytest.mark.parametrize("tongue", REQUESTS)
def test_texts_of_other_languages_are_foreign(tongue: str) -> None:
    """Five of the six written in each language."""
    assert sum(is_foreign(text) for text, _ in REQUESTS[tongue]) >= 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "123 + 456 =",
        "write a sorting algorithm in Python",
        "what does 'je ne sais quoi' mean and how do I use it?",
        "translate to German: the train is late",
        "Book a table at La Piazza for two",
        "def quicksort(arr):\n    return arr if len(arr) < 2 else []",
        "refund",
        "DIE HARD or HOME ALONE, which is the better Christmas movie?",
        "😀😀😀",
    ],
)
def test_english_and_texts_of_no_language_are_not(text: str) -> None:
    """English with foreign words in it, code, numbers, single words, nothing."""
    assert not is_foreign(text)


@pytest.mark.parametrize(
    "text", ["写一个排序算法", "Напиши функцию", "秋についての詩 in Python を書いて", "اكتب قصيدة"]
)
def test_another_script_is_foreign(text: str) -> None:
    """Where most letters are of no Latin script."""
    assert is_foreign(text)
