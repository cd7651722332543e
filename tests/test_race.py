"""Two pieces of work for one result: who begins when, who wins, and what becomes of the other."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from plano.race import race


class Runner:
    """Work that ends when told to; says whether it was cancelled."""

    def __init__(self) -> None:
        self.begun, self.end = asyncio.Event(), asyncio.Event()
        self.is_cancelled = False

    async def run(self, result: str) -> str:
        """The result, once it may end."""
        self.begun.set()
        try:
            await self.end.wait()
        except asyncio.CancelledError:
            self.is_cancelled = True
            raise
        return result


async def end_in_turn(*runners: Runner, once: Runner) -> None:
    """They end one after another, ``once`` that one has begun."""
    await once.begun.wait()
    for runner in runners:
        runner.end.set()
        await asyncio.sleep(0.01)


def wins(result: str) -> bool:
    """All but failures."""
    return result != "failed"


async def test_a_first_one_in_time_is_alone() -> None:
    """The second is not even asked."""
    first = Runner()
    first.end.set()

    def second() -> Coroutine[Any, Any, str] | None:
        raise AssertionError("nobody is late")

    assert await race(first.run("a"), second, after_s=60.0, wins=wins) == ("a",)


async def test_a_second_one_that_declines() -> None:
    """The first goes on alone."""
    first = Runner()
    asyncio.get_running_loop().call_later(0.02, first.end.set)
    assert await race(first.run("a"), lambda: None, after_s=0.001, wins=wins) == ("a",)


@pytest.mark.parametrize(("place", "expected"), [(0, ("a", None)), (1, (None, "b"))])
async def test_the_loser_is_cancelled(place: int, expected: tuple[str | None, str | None]) -> None:
    """Whoever it is, as soon as the other one has won."""
    runners = (Runner(), Runner())
    ending = asyncio.create_task(end_in_turn(runners[place], once=runners[1]))
    both = race(runners[0].run("a"), lambda: runners[1].run("b"), after_s=0.001, wins=wins)
    assert await both == expected
    await ending
    await asyncio.sleep(0)
    assert [runner.is_cancelled for runner in runners] == [place != 0, place != 1]


async def test_a_failure_wins_nothing() -> None:
    """The other one is waited for, whatever it comes to."""
    first, second = Runner(), Runner()
    ending = asyncio.create_task(end_in_turn(first, second, once=second))
    both = race(first.run("failed"), lambda: second.run("b"), after_s=0.001, wins=wins)
    assert await both == ("failed", "b")
    await ending


async def test_leaving_cancels_both() -> None:
    """Nothing goes on for somebody who does not wait any more."""
    first, second = Runner(), Runner()
    both = race(first.run("a"), lambda: second.run("b"), after_s=0.001, wins=wins)
    work = asyncio.create_task(both)
    await second.begun.wait()
    work.cancel()
    await asyncio.wait((work,))
    await asyncio.sleep(0)
    assert (work.cancelled(), first.is_cancelled, second.is_cancelled) == (True, True, True)
