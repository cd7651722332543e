"""The board: promises of providers, and photographs that do not change."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.attempt import Hold
from plano.domain.catalog import Price, Rates
from plano.domain.snapshot import LARGE_PROMPT_BYTES
from plano.domain.usage import Served, Usage
from plano.signals.board import Board
from plano.signals.prices import PriceList, PriceSource

CHEAP, DEAR = Price(Rates(1.0, 2.0)), Price(Rates(3.0, 15.0))


def test_a_hold_only_grows() -> None:
    """The later of two promises counts, whichever came last."""
    board = Board()
    board.hold("a", Hold(30.0), now=0.0)
    board.hold("a", Hold(10.0), now=5.0)
    assert board.free_in_s("a", 5.0) == 25.0
    board.hold("a", Hold(60.0), now=5.0)
    assert board.free_in_s("a", 5.0) == 60.0


def test_a_hold_ends() -> None:
    """At its moment, not later."""
    board = Board()
    board.hold("a", Hold(2.0), now=0.0)
    assert (board.free_in_s("a", 1.5), board.free_in_s("a", 2.0), board.free_in_s("b", 0.0)) == (0.5, 0.0, 0.0)


def test_unnamed_holds_double_up_to_a_minute() -> None:
    """429 without a time: 1 s, 2 s, 4 s … 60 s, with jitter; an answer starts over."""
    board, now = Board(), 0.0
    lengths = []
    for _ in range(8):
        board.throttle("a", None, now=now, jitter=1.0)
        lengths.append(board.free_in_s("a", now))
        now += lengths[-1]
    assert lengths == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    board.answered("a")
    board.throttle("a", None, now=now, jitter=0.8)
    assert board.free_in_s("a", now) == pytest.approx(0.8)


def test_a_photograph_does_not_change() -> None:
    """What is written after a snapshot is not in it."""
    board = Board()
    before = board.snapshot(0.0)
    board.hold("a", Hold(5.0), now=0.0)
    assert (dict(before.holds), dict(board.snapshot(1.0).holds)) == ({}, {"a": 5.0})


def test_past_holds_are_forgotten() -> None:
    """The board does not grow with models that are free again."""
    board = Board()
    for number in range(100):
        board.hold(f"m{number}", Hold(1.0), now=float(number) * 2)
    assert len(board.snapshot(0.0).holds) == 1


def test_why_a_model_is_held() -> None:
    """By the latest promise: a rate limit, or a provider in trouble; a model that is free is neither."""
    board = Board()
    board.throttle("a", Hold(5.0), now=0.0, jitter=1.0)
    board.hold("b", Hold(5.0), now=0.0)
    assert [board.is_rate_limited(name) for name in ("a", "b", "c")] == [True, False, False]
    board.hold("a", Hold(9.0), now=1.0)
    board.throttle("b", None, now=1.0, jitter=1.0)
    assert [board.is_rate_limited(name) for name in ("a", "b")] == [False, True]
    board.sweep(60.0)
    assert [board.is_rate_limited(name) for name in ("a", "b")] == [False, False]


def test_prices_are_photographed_when_the_board_is_swept() -> None:
    """A decision between two sweeps sees the same prices as the one before it, whatever a source has said since."""
    board = Board(PriceList(sources=[PriceSource("feed", 60.0, {})]))
    board.prices.hear(0, {"a/x": Price(Rates(1.0, 2.0))}, at=0.0)
    before = board.snapshot(1.0)
    board.sweep(1.0)
    after = board.snapshot(1.2)
    assert (before.prices.get("a/x"), after is board.snapshot(1.4)) == (None, True)
    quote = after.prices.get("a/x")
    assert quote is not None
    assert (quote.value, quote.age_s) == (3.0, 1.0)


def test_a_hold_does_not_hide_the_prices() -> None:
    """While a model is held, prices are still those of the last photograph."""
    board = Board(PriceList(configured={"a/x": Price(Rates(1.0, 2.0))}))
    board.hold("a/x", Hold(5.0), now=0.0)
    assert board.snapshot(1.0).prices.get("a/x") == board.snapshot(9.0).prices.get("a/x") is not None


def test_what_was_learned_is_taken_over() -> None:
    """A new board goes on with promises, latencies and lengths; its prices are its own."""
    old, new = Board(PriceList(configured={"a/x": DEAR})), Board(PriceList(configured={"a/x": CHEAP}))
    old.learn([Served("a/x", "r", 400, Usage(100, 50), 0.5, 1.0)] * 5, 1.0)
    old.hold("a/x", Hold(9.0), now=1.0)
    new.take_over(old, 2.0)
    snapshot = new.snapshot(2.0)
    pace, quote = snapshot.latencies.get("a/x"), snapshot.prices.get("a/x")
    assert pace is not None
    assert quote is not None
    assert (pace.value, quote.price, snapshot.holds) == (0.5, CHEAP, {"a/x": 10.0})
    assert (snapshot.bytes_per_token, snapshot.output_tokens) == ({"a/x": 4.0}, {"r": 50.0})
    assert (new.breaker, new.budget) == (old.breaker, old.budget)


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
    assert numbers == (expected if sys.version_info < (3, 12) else pytest.approx(expected))
