"""A second model beside a late one, with a running gateway: who answers, what is told, what it may cost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from plano.domain.failover import Failover, Hedging
from plano.domain.usage import Served, Usage
from tests.faults.caller import Got
from tests.faults.duo import FIRST, SECOND, Duo, story_of
from tests.faults.timelapse import run_in_timelapse

T = TypeVar("T")


def with_hedging(play: Callable[[Duo], Awaitable[T]], hedging: Hedging, *, first_s: float = 0.5) -> T:
    """What a play comes to where the first model usually begins within ``first_s``."""

    async def played() -> T:
        async with Duo(tokens_per_s=0.0, failover=Failover(hedging=hedging)) as duo:
            assert duo._app is not None
            board, now = duo._app._decider.board, asyncio.get_running_loop().time()
            board.learn([Served(FIRST, None, 50, Usage(), first_s, None)] * 200, now)
            for _ in range(200):
                board.rivals.earn(hedging.share)
            return await play(duo)

    return run_in_timelapse(lambda _loop: played())


async def late(duo: Duo) -> Got:
    """One request whose first model takes 20 s to its first token."""
    duo.first.script("first", ["slow-20"])
    return await duo.ask()


def test_the_second_one_answers() -> None:
    """Half a second after the first one should have begun; the first is closed at once and named."""

    async def play(duo: Duo) -> tuple[Got, float]:
        got = await late(duo)
        await asyncio.sleep(0.2)
        (entry,) = duo.first.ledger.entries
        assert entry.end == "left"
        return got, entry.ended - got.began

    got, closed_s = with_hedging(play, Hedging(0.05))
    assert got.fields["x-plano-attempts"] == f"{FIRST}=outpaced, {SECOND}=200"
    assert got.fields["x-plano-model"] == SECOND
    assert story_of("chat", got, is_stream=True).terminals == 1
    assert got.ended - got.began < 5.0
    assert closed_s < 5.0


def test_a_first_one_in_time() -> None:
    """Nobody else is asked."""

    async def play(duo: Duo) -> tuple[str, int]:
        got = await duo.ask()
        return got.fields["x-plano-attempts"], len(duo.second.calls)

    assert with_hedging(play, Hedging(0.05), first_s=60.0) == (f"{FIRST}=200", 0)


def test_never_more_than_its_share() -> None:
    """200 requests have earned ten: each of them is answered as soon as its rival may begin.

    The others wait for their first model until the limit of the first token.
    """

    async def play(duo: Duo) -> list[tuple[str, float]]:
        gots = [await late(duo) for _ in range(12)]
        return [(got.fields["x-plano-attempts"], got.ended - got.began) for got in gots]

    told = with_hedging(play, Hedging(0.05))
    raced, waited = (f"{FIRST}={ending}, {SECOND}=200" for ending in ("outpaced", "timeout"))
    assert [account for account, _ in told] == [raced] * 10 + [waited] * 2
    assert max(seconds for _, seconds in told[:10]) < 5.0
    assert min(seconds for _, seconds in told[10:]) >= 10.0


def test_a_cost_that_is_not_known() -> None:
    """Where a ceiling is set, nothing of unknown cost is begun."""

    async def play(duo: Duo) -> str:
        return (await late(duo)).fields["x-plano-attempts"]

    assert with_hedging(play, Hedging(0.05, max_usd=0.01)) == f"{FIRST}=timeout, {SECOND}=200"
