"""Decisions as nouns."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from plano.domain.decision import Candidate, Decision
from plano.domain.intent import Intent, degraded
from plano.domain.model import Endpoint, Model, Origin

HERE = Endpoint(Origin("http", "localhost", 1), "/", "localhost")
A, B, C = (Model(f"p/{name}", "p", name, HERE) for name in "abc")
DECISION = Decision(
    "code", "t1", (Candidate(B, 1), Candidate(A, 2), Candidate(C, None, "held")), Intent("code"), "none"
)


def test_models_are_those_with_a_rank() -> None:
    """The caller is told the ranked ones, in order; the others stay candidates."""
    assert DECISION.models == ("p/b", "p/a")
    assert [one.model for one in DECISION.ranked] == [B, A]
    assert len(DECISION.candidates) == 3


@pytest.mark.parametrize(
    ("decision", "shown"),
    [
        (DECISION, "code -> p/b, p/a [none] t1"),
        (
            replace(DECISION, intent=Intent("code", (("code", 0.987),)), prefer="cheapest"),
            "code (0.99) -> p/b, p/a [cheapest] t1",
        ),
        (
            replace(DECISION, route=None, intent=degraded("late"), candidates=(Candidate(A, 1),)),
            "no route -> p/a [degraded] t1",
        ),
    ],
)
def test_one_line(decision: Decision, shown: str) -> None:
    """A decision reads as a line: route, score where there is one, models, preference or state of the router."""
    assert str(decision) == shown


def test_frozen() -> None:
    """Nobody changes a decision."""
    with pytest.raises(AttributeError):
        DECISION.route = None  # type: ignore[misc]
