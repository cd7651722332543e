"""The number of a step before what an agent does."""

from __future__ import annotations

import pytest

from plano.intent.wording.steps import without_step


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Step 3: run the tests", "run the tests"),
        ("step 2 of 6: find out which version it was", "find out which version it was"),
        ("Plan item 3/7 — create the file", "create the file"),
        ("Schritt 4 von 9: die Tests ausführen", "die Tests ausführen"),
        ("To-do #12: rename it", "rename it"),
    ],
)
def test_the_number_of_a_step_is_not_read(text: str, asked: str) -> None:
    """A policy with a route for plans got every step of one."""
    assert without_step(text) == asked


@pytest.mark.parametrize(
    "text", ["Step 3:", "step by step, please", "Step 3 fails, why?", "explain step 4: the loop", ""]
)
def test_other_steps_are_what_is_asked(text: str) -> None:
    """A number in the middle, or one with nothing behind it."""
    assert without_step(text) == text
