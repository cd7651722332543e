"""Which connections are kept, for how long, and for whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from plano.domain.attempt import NoAnswer
from plano.domain.model import Endpoint, Origin
from plano.http1.head import ResponseHeads
from plano.http1.limits import Limits
from plano.http1.request import RequestTemplate
from plano.upstream import pool as pool_module
from plano.upstream.connection import UpstreamConnection
from plano.upstream.dial import Dialer
from plano.upstream.pool import IDLE_S, Lane, Pool
from plano.upstream.response import NoUsableAnswer
from tests.ports import CLOSED_PORT
from tests.upstream.playing import and_stays, black_hole, endpoint_at, plain, provider, settle
from tests.waiting import PATIENCE_S, came

HEADS = ResponseHeads(Limits())
TEMPLATE = RequestTemplate("POST", "/", (("host", "x"),))


@asynccontextmanager
async def pool() -> AsyncIterator[Pool]:
    """A pool without TLS that is closed at the end."""
    one = Pool(Limits(), lambda: pytest.fail("no TLS here"))
    try:
        yield one
    finally:
        one.close()
        await settle()


async def used(one: Pool, endpoint: Endpoint) -> UpstreamConnection:
    """A connection that has served a request and was given back."""
    connection = await one.lane(endpoint).connect(limit_s=PATIENCE_S)
    connection.send(TEMPLATE, (), (b"{}",), is_stream=False)
    await connection.head()
    while await connection.piece():
        pass
    connection.close()
    return connection


async def test_the_last_one_given_back_goes_first() -> None:
    """Last in, first out; nobody gets the same one twice."""
    async with provider(and_stays(plain())) as endpoint, pool() as one:
        first, second = await used(one, endpoint), await used(one, endpoint)
        assert first is not second
        assert [one.lane(endpoint).take() for _ in range(3)] == [second, first, None]


async def test_each_origin_has_its_own() -> None:
    """A connection is only used for the scheme, host and port it was made for."""
    async with provider(and_stays(plain())) as endpoint, pool() as one:
        await used(one, endpoint)
        origin = endpoint.origin
        for other in ({"host": "localhost"}, {"scheme": "https"}, {"port": origin.port - 1}):
            elsewhere = replace(endpoint, origin=replace(origin, **other))
            assert one.lane(elsewhere).take() is None
        same_place = replace(endpoint, path="/other", key=None, origin=replace(origin))
        assert one.lane(same_place).take() is not None


async def test_idle_ones_are_closed_in_time() -> None:
    """After 15 s idle a connection is closed; one in use never is."""
    async with provider(and_stays(plain())) as endpoint, pool() as one:
        idle = await used(one, endpoint)
        busy = await one.lane(endpoint).connect(limit_s=PATIENCE_S)
        one.sweep(idle.idle_since + IDLE_S - 0.1)
        await settle()
        assert one.size == 2
        one.sweep(idle.idle_since + IDLE_S + 0.1)
        await settle()
        assert (one.size, busy.is_usable, idle.is_usable) == (1, True, False)


async def test_one_the_provider_closed_is_forgotten() -> None:
    """A connection closed from the other side is neither kept nor counted."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await and_once(reader, writer)

    async with provider(handle) as endpoint, pool() as one:
        await used(one, endpoint)
        await came(lambda: one.size == 0)
        assert one.lane(endpoint).take() is None


async def and_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One answer, and the end a moment later."""
    await reader.readuntil(b"{}")
    writer.write(plain())
    await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("host", "limit_s", "ending"),
    [("127.0.0.1", 2.0, "connect"), ("no-such-host.invalid", 5.0, "connect"), ("127.0.0.1", -1.0, "connect_timeout")],
)
async def test_no_connection(host: str, limit_s: float, ending: NoAnswer) -> None:
    """Refused and unknown are ``connect``, no time left is ``connect_timeout``; nothing is left behind."""
    async with pool() as one:
        endpoint = Endpoint(Origin("http", host, CLOSED_PORT), "/", host)
        with pytest.raises(NoUsableAnswer) as caught:
            await one.lane(endpoint).connect(limit_s=limit_s)
        assert (caught.value.ending, one.size) == (ending, 0)


async def test_a_listener_that_accepts_nobody() -> None:
    """The limit ends it, and no place is taken afterwards."""
    with black_hole() as port:
        async with pool() as one:
            lane = one.lane(endpoint_at(port))
            with pytest.raises(NoUsableAnswer) as caught:
                await lane.connect(limit_s=0.05)
            assert (lane.size, lane._opening) == (0, 0)
    assert caught.value.ending == "connect_timeout"


async def test_closing_closes_all() -> None:
    """Idle ones and busy ones."""
    async with provider(and_stays(plain())) as endpoint, pool() as one:
        await used(one, endpoint)
        await one.lane(endpoint).connect(limit_s=PATIENCE_S)
        await one.lane(endpoint).connect(limit_s=PATIENCE_S)
        one.close()
        await settle()
        assert one.size == 0


def lane_to(endpoint: Endpoint, *, most: int) -> Lane:
    """A lane of its own, with room for ``most``."""
    return Lane(endpoint.origin, Dialer(lambda: pytest.fail("no TLS here"), HEADS), HEADS, most=most)


async def served(connection: UpstreamConnection) -> UpstreamConnection:
    """The connection after a request, ready to be given back."""
    connection.send(TEMPLATE, (), (b"{}",), is_stream=False)
    await connection.head()
    while await connection.piece():
        pass
    return connection


def waiting(lane: Lane, count: int = 1, *, limit_s: float = PATIENCE_S) -> list[asyncio.Task[UpstreamConnection]]:
    """So many callers who ask for a connection, in this order."""
    return [asyncio.create_task(lane.connect(limit_s=limit_s)) for _ in range(count)]


async def ended(task: asyncio.Task[UpstreamConnection]) -> NoAnswer:
    """How the wait for a connection ended."""
    with pytest.raises(NoUsableAnswer) as caught:
        await task
    return caught.value.ending


def lose(connection: UpstreamConnection) -> None:
    """The connection is gone, and whoever counts on it has heard so."""
    transport = connection._transport
    assert transport is not None
    connection.connection_lost(None)
    transport.set_protocol(asyncio.Protocol())
    transport.abort()


STAYS = and_stays(*[plain()] * 9)


async def test_no_more_than_there_is_room_for() -> None:
    """Those who open and those who are open count together; whoever comes too many waits."""
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=3)
        tasks = waiting(lane, 5)
        await asyncio.wait(tasks[:3])
        await settle()
        assert ([task.done() for task in tasks], lane.size) == ([True, True, True, False, False], 3)
        for task in tasks:
            task.cancel()
        lane.close()


async def test_given_back_in_the_order_they_came() -> None:
    """One connection serves all who wait, first come, first served."""
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=1)
        first = await served(await lane.connect(limit_s=PATIENCE_S))
        tasks = waiting(lane, 4)
        await settle()
        for place, task in enumerate(tasks):
            first.close()
            assert await task is first
            assert [one.done() for one in tasks] == [at <= place for at in range(4)]
            await served(first)
        first.close()
        assert lane.take() is first
        lane.close()


async def test_a_lost_connection_makes_room() -> None:
    """Whoever waits gets a new one in its place."""
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=1)
        first = await lane.connect(limit_s=PATIENCE_S)
        one, two = waiting(lane, 2)
        await settle()
        first.abort()
        second = await one
        assert (second is first, second.is_usable, two.done(), lane.size) == (False, True, False, 1)
        two.cancel()
        lane.close()


async def test_a_latecomer_does_not_overtake() -> None:
    """A place that becomes free belongs to the first who waits, also when somebody else asks before he wakes up."""
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=1)
        holder = await lane.connect(limit_s=PATIENCE_S)
        (first,) = waiting(lane)
        await settle()
        (late,) = waiting(lane)
        lose(holder)
        connection = await asyncio.wait_for(first, PATIENCE_S)
        assert (connection.is_usable, late.done(), lane.size) == (True, False, 1)
        late.cancel()
        lane.close()


async def test_too_many_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the queue is full the answer is ``busy`` at once; the queue is served as before."""
    monkeypatch.setattr(pool_module, "MAX_WAITING", 2)
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=1)
        first = await served(await lane.connect(limit_s=PATIENCE_S))
        one, two, three = waiting(lane, 3)
        await settle()
        assert three.done()
        assert await ended(three) == "busy"
        first.close()
        assert await one is first
        two.cancel()
        lane.close()


@pytest.mark.parametrize(("wait_s", "limit_s", "ending"), [(0.02, 5.0, "busy"), (5.0, 0.02, "connect_timeout")])
async def test_waiting_has_an_end(
    monkeypatch: pytest.MonkeyPatch, wait_s: float, limit_s: float, ending: NoAnswer
) -> None:
    """Nobody waits longer than a second, or than the connect timeout; whoever gave up is not served any more."""
    assert pool_module.WAIT_S == 1.0
    monkeypatch.setattr(pool_module, "WAIT_S", wait_s)
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=1)
        first = await served(await lane.connect(limit_s=PATIENCE_S))
        (task,) = waiting(lane, limit_s=limit_s)
        assert await ended(task) == ending
        assert "waiting=0" in repr(lane)
        first.close()
        assert lane.take() is first
        lane.close()


async def test_leaving_the_queue() -> None:
    """Whoever is cancelled while waiting is passed over."""
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=1)
        first = await served(await lane.connect(limit_s=PATIENCE_S))
        one, two = waiting(lane, 2)
        await settle()
        one.cancel()
        await settle()
        first.close()
        assert await two is first
        assert one.cancelled()
        lane.close()


@pytest.mark.parametrize("others", [0, 1])
async def test_leaving_with_a_connection_in_hand(others: int) -> None:
    """Cancelled after it was handed a connection and before it woke up: the next one gets it, or it is idle."""
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=1)
        first = await served(await lane.connect(limit_s=PATIENCE_S))
        one, *rest = waiting(lane, 1 + others)
        await settle()
        first.close()
        one.cancel()
        await settle()
        assert one.cancelled()
        assert (await rest[0] if rest else lane.take()) is first
        assert lane.size == 1
        lane.close()


@pytest.mark.parametrize("others", [0, 1])
async def test_leaving_with_a_place_in_hand(others: int) -> None:
    """Cancelled after it was handed a place and before it woke up: the place is not lost."""
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=1)
        first = await lane.connect(limit_s=PATIENCE_S)
        one, *rest = waiting(lane, 1 + others)
        await settle()
        lose(first)
        one.cancel()
        connection = await asyncio.wait_for(rest[0] if rest else lane.connect(limit_s=PATIENCE_S), PATIENCE_S)
        assert (connection.is_usable, lane.size, lane._opening) == (True, 1, 0)
        lane.close()


@pytest.mark.parametrize("end", [UpstreamConnection.abort, lose])
async def test_a_connection_that_dies_on_its_way(end: Callable[[UpstreamConnection], None]) -> None:
    """Closed between being handed over and being taken: nobody gets a dead one, and there are not more than allowed."""
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=1)
        first = await served(await lane.connect(limit_s=PATIENCE_S))
        one, two = waiting(lane, 2)
        await settle()
        first.close()
        end(first)
        done, left = await asyncio.wait({one, two}, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        (taken,) = done
        connection = taken.result()
        assert (connection is first, connection.is_usable, lane.size) == (False, True, 1)
        for task in left:
            task.cancel()
        lane.close()


async def test_a_dead_connection_is_not_passed_on() -> None:
    """Whoever leaves with a connection that died meanwhile leaves nothing behind."""
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=1)
        first = await served(await lane.connect(limit_s=PATIENCE_S))
        (one,) = waiting(lane)
        await settle()
        first.close()
        lose(first)
        one.cancel()
        await settle()
        assert repr(lane) == f"<Lane {endpoint.origin} open=0 idle=0 waiting=0>"


class Stuck(Dialer):
    """A dialer that never gets there, or fails as soon as it is told to."""

    def __init__(self) -> None:
        super().__init__(lambda: pytest.fail("no TLS here"), HEADS)
        self.fails = asyncio.Event()

    async def open(self, origin: Origin, protocol: object, *, proxy: object = None) -> Any:
        await self.fails.wait()
        raise OSError("refused")


async def test_cancelled_while_connecting() -> None:
    """Its place is free again, and goes to the first who waits."""
    lane = Lane(endpoint_at(CLOSED_PORT).origin, Stuck(), ResponseHeads(Limits()), most=1)
    for _ in range(3):
        one, two = waiting(lane, 2)
        await settle()
        assert (lane._opening, "waiting=1" in repr(lane)) == (1, True)
        one.cancel()
        await settle()
        assert (lane._opening, "waiting=0" in repr(lane)) == (1, True)
        two.cancel()
        await settle()
        assert (lane.size, lane._opening) == (0, 0)


async def test_failing_to_connect() -> None:
    """A failure frees its place for the next, who tries on its own."""
    dialer = Stuck()
    lane = Lane(endpoint_at(CLOSED_PORT).origin, dialer, ResponseHeads(Limits()), most=1)
    tasks = waiting(lane, 3)
    await settle()
    dialer.fails.set()
    assert [await ended(task) for task in tasks] == ["connect"] * 3
    assert (lane.size, lane._opening) == (0, 0)


async def test_idle_ones_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given back beyond the bound is closed."""
    monkeypatch.setattr(pool_module, "MAX_IDLE_PER_ORIGIN", 2)
    async with provider(STAYS) as endpoint:
        lane = lane_to(endpoint, most=9)
        connections = [await served(await lane.connect(limit_s=PATIENCE_S)) for _ in range(3)]
        for connection in connections:
            connection.close()
        await settle()
        assert repr(lane) == f"<Lane {endpoint.origin} open=2 idle=2 waiting=0>"
        lane.close()
