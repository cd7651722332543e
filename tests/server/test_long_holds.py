"""A promise of hours is shown by ``/readyz``."""

from __future__ import annotations

import pytest

from plano.domain.attempt import Hold
from plano.server.long_holds import MOST_NAMED, long_holds
from plano.signals.board import Board
from tests.running import B, C, Running, question

OFF = {"x-plano-routing": "off"}


def test_an_operator_sees_who_is_held_for_hours(gateway: Running) -> None:
    """Nothing said so: a provider's date of next month kept every request from its model until somebody wondered."""
    assert gateway.get("/readyz").json()["notes"] == []
    gateway.mock.script("gpt-4o", ["429-retry-after-90000"])
    assert gateway.chat(question(model=B), OFF).status_code == 429
    ready = gateway.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["notes"] == [f"held for 25.0 h by its provider: {B}"]


@pytest.mark.parametrize(("seconds", "is_shown"), [(3599.0, False), (3600.0, False), (3601.0, True)])
def test_what_is_long(seconds: float, is_shown: bool) -> None:
    """More than an hour, counted from now."""
    board = Board()
    board.hold(C, Hold(seconds), now=100.0)
    assert bool(long_holds(board, [B, C], 100.0)) is is_shown
    assert not long_holds(board, [B, C], 102.0)
    assert not long_holds(board, [B], 100.0)


def test_few_are_named() -> None:
    """However many are held."""
    board, names = Board(), [f"openai/m{number}" for number in range(MOST_NAMED + 5)]
    for name in names:
        board.hold(name, Hold(7200.0), now=0.0)
    assert long_holds(board, names, 0.0) == [f"held for 2.0 h by its provider: {name}" for name in names[:MOST_NAMED]]
