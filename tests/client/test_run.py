"""``plano.run``: the loop over a decision's models, with promises kept and defects seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from plano import AsyncPlano, ChainFailed, Plano, RateLimitError, RoutingDecision, ServerError
from plano.client.chain import Callee
from tests.faults.timelapse import run_in_timelapse

DECISION = RoutingDecision({"models": ["openai/a", "openai/b"], "route": None, "trace_id": "0" * 31 + "1"})
Play = Callable[[Callee], str]


class Calls:
    """A function that raises what it is told, model by model; remembers whom it was called for."""

    def __init__(self, **errors: list[Exception | None]) -> None:
        self._errors = errors
        self.made: list[Callee] = []

    def __call__(self, model: Callee) -> str:
        """The name of the model."""
        self.made.append(model)
        error = (self._errors.get(model[-1]) or [None]).pop(0)
        if error is not None:
            raise error
        return str(model)


@pytest.fixture
def plano() -> Plano:
    """A client that is never asked for a decision here."""
    return Plano("http://unused")


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits, none of which takes any time."""
    waits: list[float] = []
    now = time.monotonic
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr("plano.clock.SystemClock.monotonic", staticmethod(lambda: now() + sum(waits)))
    return waits


def test_the_first_answer(plano: Plano) -> None:
    """Of the first model; the function is told how long it may take."""
    calls = Calls()
    assert plano.run(DECISION, calls) == "openai/a"
    (model,) = calls.made
    assert (model, model.first_token_s) == ("openai/a", 10.0)
    assert 149.0 < model.limit_s <= 150.0


def test_the_next_model(plano: Plano) -> None:
    """Where asking again does not help, at once; the last one has all of the time."""
    calls = Calls(a=[ServerError("no", status=501)])
    assert plano.run(DECISION, calls) == "openai/b"
    assert calls.made[1].first_token_s == calls.made[1].limit_s > 290.0


def test_a_promise_lasts(plano: Plano, slept: list[float]) -> None:
    """A time that was named is waited for once, and kept in the next run."""
    calls = Calls(a=[RateLimitError("no", retry_after_s=2.0)])
    assert plano.run(DECISION, calls) == "openai/a"
    assert slept == [2.0]
    calls = Calls(a=[RateLimitError("no", retry_after_s=60.0)])
    assert [plano.run(DECISION, calls), plano.run(DECISION, calls)] == ["openai/b", "openai/b"]
    assert [str(model) for model in calls.made] == ["openai/a", "openai/b", "openai/b"]


def test_nobody_answered(plano: Plano, slept: list[float]) -> None:
    """One error for all of it, with each attempt, and the last exception as its cause."""
    last = ServerError("no", status=503)
    calls = Calls(a=[ServerError("no", status=501)], b=[ServerError("no", status=500), last])
    with pytest.raises(ChainFailed) as told:
        plano.run(DECISION, calls)
    assert told.value.attempts == (("openai/a", "501"), ("openai/b", "500"), ("openai/b", "503"))
    assert (told.value.code, told.value.__cause__) == ("upstream_overloaded", last)
    assert len(slept) == 1


def test_a_defect_is_raised_as_it_is(plano: Plano) -> None:
    """Nobody else is asked, and the model is none the worse for it."""
    for _ in range(6):
        with pytest.raises(KeyError):
            plano.run(DECISION, Calls(a=[KeyError("x")]))
    assert plano.run(DECISION, Calls()) == "openai/a"


def test_an_interrupt_is_no_failure(plano: Plano) -> None:
    """It goes up at once."""

    def interrupted(_model: Callee) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plano.run(DECISION, interrupted)
    assert plano.run(DECISION, Calls()) == "openai/a"


def test_one_that_is_down_is_left_alone(plano: Plano) -> None:
    """After five failures in a row, whichever run they were in."""
    calls = Calls(a=[ServerError("no", status=501) for _ in range(9)])
    assert {plano.run(DECISION, calls) for _ in range(9)} == {"openai/b"}
    assert sum(model == "openai/a" for model in calls.made) == 5


def test_a_late_call_is_cancelled() -> None:
    """asyncio can: after its half of the time the next model is asked."""
    seen = []

    async def call_llm(model: Callee) -> str:
        seen.append(str(model))
        if model == "openai/a":
            await asyncio.Event().wait()
        return str(model)

    async def play() -> str:
        async with AsyncPlano("http://unused") as plano:
            return await plano.run(DECISION, call_llm)

    assert run_in_timelapse(lambda _loop: play()) == "openai/b"
    assert seen == ["openai/a", "openai/b"]
