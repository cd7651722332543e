"""Which connections are kept, for how long, and for whom."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from plano.domain.attempt import NoAnswer
from plano.domain.model import Endpoint, Origin
from plano.http1.limits import Limits
from plano.upstream.connection import UpstreamConnection
from plano.upstream.pool import IDLE_S, Pool
from plano.upstream.response import NoUsableAnswer
from tests.upstream.playing import and_stays, plain, provider, settle


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
    connection = await one.connect(endpoint, limit_s=2.0)
    connection.send("POST", "/", [("host", "x")], b"{}", is_stream=False)
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
        assert [one.take(endpoint.origin) for _ in range(3)] == [second, first, None]


async def test_each_origin_has_its_own() -> None:
    """A connection is only used for the scheme, host and port it was made for."""
    async with provider(and_stays(plain())) as endpoint, pool() as one:
        await used(one, endpoint)
        origin = endpoint.origin
        assert one.take(replace(origin, host="localhost")) is None
        assert one.take(replace(origin, scheme="https")) is None
        assert one.take(replace(origin, port=origin.port - 1)) is None
        assert one.take(origin) is not None


async def test_idle_ones_are_closed_in_time() -> None:
    """After 15 s idle a connection is closed; one in use never is."""
    async with provider(and_stays(plain())) as endpoint, pool() as one:
        idle = await used(one, endpoint)
        busy = await one.connect(endpoint, limit_s=2.0)
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
        await asyncio.sleep(0.06)
        assert one.size == 0
        assert one.take(endpoint.origin) is None


async def and_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One answer, and the end a moment later."""
    await reader.readuntil(b"{}")
    writer.write(plain())
    await asyncio.sleep(0.02)


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("host", "limit_s", "ending"),
    [("127.0.0.1", 2.0, "connect"), ("no-such-host.invalid", 5.0, "connect"), ("127.0.0.1", -1.0, "connect_timeout")],
)
async def test_no_connection(host: str, limit_s: float, ending: NoAnswer) -> None:
    """Refused and unknown are ``connect``, no time left is ``connect_timeout``; nothing is left behind."""
    async with pool() as one:
        endpoint = Endpoint(Origin("http", host, _closed_port()), "/", host)
        with pytest.raises(NoUsableAnswer) as caught:
            await one.connect(endpoint, limit_s=limit_s)
        assert (caught.value.ending, one.size) == (ending, 0)


async def test_the_endpoints_own_limit_counts() -> None:
    """A listener that accepts nobody: the smaller of the two limits ends it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        taken = [socket.socket() for _ in range(4)]
        for one_more in taken:
            one_more.setblocking(False)
            one_more.connect_ex(("127.0.0.1", port))
        async with pool() as one:
            endpoint = Endpoint(Origin("http", "127.0.0.1", port), "/", "x", connect_timeout_s=0.05)
            with pytest.raises(NoUsableAnswer) as caught:
                await one.connect(endpoint, limit_s=5.0)
        for one_more in taken:
            one_more.close()
    assert caught.value.ending == "connect_timeout"


async def test_closing_closes_all() -> None:
    """Idle ones and busy ones."""
    async with provider(and_stays(plain())) as endpoint, pool() as one:
        await used(one, endpoint)
        await one.connect(endpoint, limit_s=2.0)
        await one.connect(endpoint, limit_s=2.0)
        one.close()
        await settle()
        assert one.size == 0
