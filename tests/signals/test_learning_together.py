"""Answers learned from together teach what they teach one by one."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.snapshot import LARGE_PROMPT_BYTES
from plano.domain.usage import Served, Usage
from plano.signals.board import Board

COUNTS = st.none() | st.integers(0, 100_000)
SECONDS = st.none() | st.floats(0.0001, 600.0)
ANSWERS = st.builds(
    Served,
    st.sampled_from(("a/x", "b/y")),
    st.sampled_from((None, "r", "s")),
    st.integers(0, 2 * LARGE_PROMPT_BYTES),
    st.builds(Usage, COUNTS, COUNTS),
    SECONDS,
    SECONDS,
)
MODELS, ROUTES, SHARES = ("a/x", "b/y"), ("r", "s"), (0.1, 0.5, 0.99)


def learned(board: Board, now: float) -> list[float | None]:
    """Every number that rankings, metrics and hedging take from it."""
    board.photograph(now)
    shown, numbers = board.snapshot(now), list[float | None]()
    for model in MODELS:
        for table in (shown.latencies, shown.large_latencies or {}):
            pace = table.get(model)
            numbers += (None, None) if pace is None else (pace.value, pace.tpot_s)
        numbers += board.measured.quantiles(model, SHARES) or (None, None, None)
        numbers += [board.measured.tail_s(model, 0.9, now, prompt_bytes=size) for size in (0, LARGE_PROMPT_BYTES)]
        numbers.append(shown.bytes_per_token.get(model))
    return [*numbers, *[shown.output_tokens.get(route) for route in ROUTES]]


@given(st.lists(st.tuples(st.floats(0.0, 400.0), st.lists(ANSWERS, max_size=80)), max_size=4))
def test_together_and_one_by_one(batches: list[tuple[float, list[Served]]]) -> None:
    """Batches of any mixture, with any time between them: the same latencies, lengths and quantiles."""
    together, one_by_one, now = Board(), Board(), 0.0
    for later, answers in batches:
        now += later
        together.learn(answers, now)
        for each in answers:
            one_by_one.learn([each], now)
    numbers, expected = learned(together, now), learned(one_by_one, now)
    # From Python 3.12 on a sum of floats is nearer to the truth than one addition after the other.
    assert numbers == (expected if sys.version_info < (3, 12) else pytest.approx(expected, rel=1e-6))
