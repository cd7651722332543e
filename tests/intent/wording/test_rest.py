"""Descriptions that are for what no other route is for are known by their words."""

from __future__ import annotations

import pytest

from plano.intent.wording.rest import is_for_the_rest


@pytest.mark.parametrize(
    "description",
    [
        "anything else",
        "Anything that doesn't fit into another category.",
        "everything that does not fit the other routes",
        "requests that match none of the above",
        "whatever does not belong anywhere else",
        "use when nothing else matches",
        "if no other route fits",
        "fallback for unmatched requests",
        "catch-all",
        "default",
        "other",
        "everything",
        "general purpose requests",
        "general help",
        "miscellaneous",
    ],
)
def test_for_the_rest(description: str) -> None:
    """What others leave, whatever there is, and what is for any purpose."""
    assert is_for_the_rest(description)


@pytest.mark.parametrize(
    "description",
    [
        "",
        "anything else about billing",
        "everything about cars",
        "billing, refunds and everything else",
        "questions about other companies",
        "default settings of the phone",
        "fallback plans for software deployments",
        "other people, the eternal subject",
        "factual questions on anything",
        "miscellaneous questions",
        "general questions",
        "tasks",
    ],
)
def test_for_something(description: str) -> None:
    """A part with a word of a subject, or with a kind of its own, is not for the rest; half of them are too few."""
    assert not is_for_the_rest(description)
