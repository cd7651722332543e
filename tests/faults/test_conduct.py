"""How the gateway treats a provider in trouble over many requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from plano.signals.budget import FLOOR
from tests.faults.duo import FIRST, Duo, story_of
from tests.faults.timelapse import run_in_timelapse

T = TypeVar("T")


def with_duo(play: Callable[[Duo], Awaitable[T]]) -> T:
    """What a play with two providers comes to."""

    async def played() -> T:
        async with Duo(tokens_per_s=0.0) as duo:
            return await play(duo)

    return run_in_timelapse(lambda _loop: played())


@pytest.mark.parametrize("word", ["503", "reset", "html", "unended-after-1"])
def test_one_of_two_down(word: str) -> None:
    """No caller notices, and after five wasted attempts the broken one is left alone."""

    async def play(duo: Duo) -> tuple[int, int]:
        duo.first.script("first", [word])
        answers = [await duo.ask(is_stream=False) for _ in range(40)]
        return sum(got.status != 200 for got in answers), len(duo.first.calls)

    assert with_duo(play) == (0, 5)


def test_one_probe_for_all_who_wait() -> None:
    """When an ejection ends, one of many requests finds out; the others do not ask the sick one beside it."""

    async def play(duo: Duo) -> list[int]:
        duo.first.script("first", ["503"])
        for _ in range(5):
            await duo.ask(is_stream=False)
        await asyncio.sleep(6.5)
        duo.first.script("first", ["slow-1"])
        began = len(duo.first.calls)
        at_once = await asyncio.gather(*[duo.ask(is_stream=False) for _ in range(50)])
        assert all(got.status == 200 for got in at_once)
        probes = len(duo.first.calls) - began
        after = await duo.ask(is_stream=False)
        return [probes, int(after.fields["x-plano-model"] == FIRST)]

    assert with_duo(play) == [1, 1]


def test_a_single_model_that_is_down() -> None:
    """Nobody else is there: it is asked as a last resort, ten times in ten seconds; beyond that callers are told when.

    Once it is up again, the next request that may be asked is answered: nobody waits for the end of an ejection.
    """

    async def play(duo: Duo) -> list[tuple[int, str]]:
        duo.first.script("first", ["500"])
        answers = [await duo.ask(is_stream=False, models=(FIRST,)) for _ in range(30)]
        refused = [got for got in answers if "retry-after" in got.fields]
        assert all(1 <= int(got.fields["retry-after"]) <= 6 for got in refused)
        assert len(duo.first.calls) <= 5 + FLOOR
        duo.first.script("first", ["ok"])
        await asyncio.sleep(FLOOR)
        assert (await duo.ask(is_stream=False, models=(FIRST,))).status == 200
        return [(got.status, json.loads(got.body)["error"]["code"]) for got in answers]

    told = with_duo(play)
    assert told[0] == (502, "upstream_error")
    assert told[-1] == (503, "no_candidate_available")


def test_both_of_two_down() -> None:
    """In a full outage requests make at most 1.2 attempts each, and ten in ten seconds more."""

    async def play(duo: Duo) -> tuple[int, int]:
        duo.first.script("first", ["503"])
        duo.second.script("second", ["503"])
        for _ in range(20):
            await asyncio.gather(*[duo.ask(is_stream=False) for _ in range(25)])
            await asyncio.sleep(1)
        return len(duo.first.calls) + len(duo.second.calls), 500

    attempts, requests = with_duo(play)
    assert attempts <= 1.2 * requests + 2 * FLOOR


def test_a_flapping_one() -> None:
    """Fails every other time: all callers are served, and of fifteen requests six at most go there first."""

    async def play(duo: Duo) -> tuple[int, int]:
        duo.first.script("first", ["503", "ok"] * 20)
        answers = [await duo.ask(is_stream=False) for _ in range(15)]
        return sum(got.status != 200 for got in answers), len(duo.first.calls)

    failures, attempts = with_duo(play)
    assert failures == 0
    assert attempts <= 6


def test_a_named_time_is_kept_for_every_caller() -> None:
    """Twenty callers a second for half a minute: nobody asks before the moment that was named, somebody soon after."""

    async def play(duo: Duo) -> list[float]:
        duo.first.script("first", ["429-reset-10s", "ok"])
        answers = []
        for _ in range(600):
            answers.append(await duo.ask(is_stream=False))
            await asyncio.sleep(0.05)
        assert all(story_of("chat", got, is_stream=False).terminals == 1 for got in answers)
        first, second, *_ = [entry.began for entry in duo.first.ledger.entries]
        return [second - first]

    (gap,) = with_duo(play)
    assert 10.0 <= gap < 20.0
