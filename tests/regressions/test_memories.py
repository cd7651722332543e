"""What is remembered: bounded whatever callers make up, and never one caller's in another's answer."""

from __future__ import annotations

from plano.signals.board import Board


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
