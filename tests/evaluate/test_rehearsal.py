"""The tests of a configuration say what was wanted and what came."""

from __future__ import annotations

import pytest

from plano.assembly import Decider
from plano.config.load import load_text
from plano.config.settings import RoutingTest
from plano.evaluate.rehearsal import failures
from plano.intent.fixed import FixedClassifier
from tests.running import CODE, KEYS, A, B, mission_text


@pytest.mark.parametrize(
    ("test", "matched", "said"),
    [
        (RoutingTest("x", CODE), CODE, None),
        (RoutingTest("x", CODE, first_model=A), CODE, None),
        (RoutingTest("x"), None, None),
        (RoutingTest("x", no_route=True), None, None),
        (RoutingTest("x", CODE), None, "'x': wanted route 'code generation', got 'none'"),
        (RoutingTest("x", no_route=True), CODE, "'x': wanted no route, got 'code generation'"),
        (RoutingTest("x", first_model=B), CODE, f"'x': wanted '{B}' first, got {A}, {B}"),
        (RoutingTest("y" * 99, CODE), None, f"'{'y' * 60}…': wanted route 'code generation', got 'none'"),
    ],
)
def test_each_expectation(test: RoutingTest, matched: str | None, said: str | None) -> None:
    """Route, no route, first model: what is not said may be anything."""
    decider = Decider.build(load_text(mission_text(), KEYS), classifier=FixedClassifier(default=matched))
    assert list(failures(decider, (test,))) == ([] if said is None else [said])
