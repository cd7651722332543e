"""What is remembered: bounded whatever callers make up, and never one caller's in another's answer."""

from __future__ import annotations

import pytest

from plano.domain.model import Endpoint, Model, ModelTable, Origin
from plano.errors import ModelNotFound
from plano.signals.board import Board

ANY = Model("azure/*", "azure", "*", Endpoint(Origin("http", "localhost", 1), "/d/{model}/chat", "localhost"))


@pytest.mark.parametrize("made_up", ["x" * 513, "x" * 1_000_000, ".", ".."])
def test_a_made_up_id_has_bounds(made_up: str) -> None:
    """A name of megabytes under a wildcard was served, logged and remembered; ``..`` left its place in a path."""
    table = ModelTable({}, wildcards={"azure": ANY})
    with pytest.raises(ModelNotFound) as caught:
        table.resolve(f"azure/{made_up}")
    assert len(str(caught.value)) < 500
    assert table.resolve("azure/" + "x" * 512).upstream_id == "x" * 512


def test_names_that_callers_make_up_are_forgotten() -> None:
    """Each made-up name under a wildcard that was throttled without a time used to be remembered for ever."""
    board = Board()
    for number in range(5_000):
        board.throttle(f"openai/{number}", None, now=float(number * 100), jitter=1.0)
    assert len(board._unnamed) <= 1_024


def test_the_patience_with_a_busy_model_outlives_made_up_names() -> None:
    """The hold of a model that goes on throttling doubles to a minute, whatever else is throttled in between."""
    board = Board()
    holds = []
    for number in range(3_000):
        now = number * 100.0
        board.throttle(f"openai/{number}", None, now=now, jitter=1.0)
        if number % 500 == 0:
            board.throttle("openai/real", None, now=now, jitter=1.0)
            holds.append(board.free_in_s("openai/real", now))
    assert holds == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
