"""Callers who drip: a burst of theirs gives way, and nothing else about them is different."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop

from plano.errors import PlanoError
from plano.http1.limits import Limits
from plano.server.answering.exchange import Exchange
from plano.server.capacity import Capacity
from plano.server.connections import drips as drips_module
from plano.server.connections.connection import HttpConnection, Wire
from plano.server.connections.drips import Drips
from plano.server.connections.handshake import connections
from plano.server.connections.streak import DRIPS
from tests.waiting import came

MANY = 30
POST = b"POST / HTTP/1.1\r\nhost: x\r\n"
BODY = POST + b"content-length: 9000\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"

Run = Callable[[Coroutine[Any, Any, None]], None]
on_both_loops = pytest.mark.parametrize("run", [uvloop.run, asyncio.run], ids=["uvloop", "asyncio"])


class Echo:
    """Answers with the size of the body, once ``is_open``."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.is_open.set()

    def left(self, _exchange: Exchange) -> None:
        """Nobody asks."""

    def refuse(self, _exchange: Exchange) -> bool:
        """Nothing."""
        return False

    def refuse_bytes(self, exchange: Exchange, error: PlanoError) -> None:
        """With its status alone."""
        exchange.answer(error.status, (), b"")

    async def serve(self, exchange: Exchange) -> None:
        """The answer."""
        await self.is_open.wait()
        exchange.answer(200, (), str(len(exchange.body)).encode())


class Site:
    """A listener, and what its callers sent so far. ``moment``: what its clock shows."""

    def __init__(self, limits: Limits) -> None:
        self.moment = 0.0
        self.echo = Echo()
        self.wire = Wire(self.echo, limits, Capacity(), now=lambda: self.moment, date=lambda: "now")
        self.port = 0

    @property
    def taken(self) -> int:
        """Bytes of bodies that were read."""
        return sum(one.core.body_bytes for one in self.wire.connections)

    async def caller(self) -> socket.socket:
        """One more connection that the listener knows of."""
        known = len(self.wire.connections)
        peer = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await came(lambda: len(self.wire.connections) > known)
        return peer

    async def dripper(self) -> socket.socket:
        """A caller who drips a body: no piece of it is on its way."""
        peer, dripping, taken = await self.caller(), len(self.wire.drips), self.taken
        peer.sendall(BODY)
        await came(lambda: not any(one.core.is_idle for one in self.wire.connections))
        for number in range(1, DRIPS + 1):
            peer.sendall(b"x")
            await came(lambda count=number: self.taken == taken + count)  # type: ignore[misc]
        assert len(self.wire.drips) == dripping + 1
        return peer


@asynccontextmanager
async def listening(limits: Limits | None = None) -> AsyncIterator[Site]:
    """A site whose connections are all gone afterwards, and with them what was kept for those who drip."""
    site = Site(limits or Limits())
    loop = asyncio.get_running_loop()
    server = await loop.create_server(connections(site.wire, loop, None), "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    before = _descriptors()
    try:
        yield site
    finally:
        server.close()
        site.wire.close()
        await came(lambda: not site.wire.connections)
    assert len(site.wire.drips) == 0
    assert site.wire.drips._epoll is None
    assert site.wire.capacity.connections == 0
    await came(lambda: _descriptors() < before)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@on_both_loops
def test_a_request_behind_a_burst_does_not_wait_for_all_of_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What all of them sent in one instant used to be read in one turn of the loop, before anything else.

    Each slice is made one read long here: whoever asks behind all of them is answered before most of them were read.
    """
    monkeypatch.setattr(drips_module, "SLICE_S", 0.0)

    async def burst() -> None:
        async with listening() as site:
            callers = [await site.dripper() for _ in range(MANY)]
            asking = await site.caller()
            before = site.taken
            for peer in callers:
                peer.sendall(b"x")
            asking.sendall(GET)
            await came_in_turns(lambda: _has_answer(asking))
            assert site.taken < before + MANY // 2
            await came(lambda: site.taken == before + MANY)
            for peer in (*callers, asking):
                peer.close()

    run(burst())


async def came_in_turns(asked: Callable[[], bool]) -> None:
    """As ``came``, asked in every turn of the loop."""
    async with asyncio.timeout(60):
        while not asked():  # noqa: ASYNC110 - the kernel sets no event
            await asyncio.sleep(0)


def _has_answer(peer: socket.socket) -> bool:
    peer.setblocking(False)
    try:
        return b" 200 " in peer.recv(1000)
    except BlockingIOError:
        return False
    finally:
        peer.setblocking(True)


@on_both_loops
@pytest.mark.parametrize(
    "head", [POST + b"x-slow: aaaaaaaaaa\r\ncontent-length: 12\r\n\r\n", GET[:-2] + b"a: b\r\n\r\n"]
)
def test_a_request_that_dripped_in_is_answered_like_any_other(run: Run, head: bytes) -> None:
    """Byte by byte to its last; afterwards its caller is an ordinary one, whose next request is read as ever."""
    body = b"x" * 12 if head.startswith(b"POST") else b""

    async def drip() -> None:
        async with listening() as site:
            with await site.caller() as peer:
                (connection,) = site.wire.connections
                for byte in head + body:
                    before = connection.drips
                    peer.sendall(bytes([byte]))
                    await came(lambda drips=before: connection.drips != drips)  # type: ignore[misc]
                assert await _answer(peer) == b"%d" % len(body)
                assert len(site.wire.drips) == 0
                peer.sendall(GET)
                assert await _answer(peer) == b"0"

    run(drip())


async def _answer(peer: socket.socket) -> bytes:
    said = await asyncio.to_thread(peer.recv, 1000)
    return said.partition(b"\r\n\r\n")[2]


@on_both_loops
def test_who_sends_more_at_once_is_an_ordinary_caller_again(run: Run) -> None:
    """Its whole body arrives, the large piece and what stood behind it, and the next small piece is a first one."""

    async def more() -> None:
        async with listening() as site:
            with await site.dripper() as peer:
                peer.sendall(b"x" * 5000)
                await came(lambda: site.taken == DRIPS + 5000)
                assert len(site.wire.drips) == 0
                peer.sendall(b"x")
                await came(lambda: site.taken == DRIPS + 5001)
                (connection,) = site.wire.connections
                assert connection.drips == 1
                peer.sendall(b"x" * (9000 - site.taken))
                assert await _answer(peer) == b"9000"

    run(more())


def _resets(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def _says_goodbye(peer: socket.socket) -> None:
    peer.sendall(b"x")
    peer.shutdown(socket.SHUT_WR)


@on_both_loops
@pytest.mark.parametrize("leave", [_resets, _says_goodbye, socket.socket.close])
def test_who_leaves_while_it_drips_is_gone(run: Run, leave: Callable[[socket.socket], None]) -> None:
    """Its connection is closed at once, and gives its place back; the others drip on."""

    async def left() -> None:
        async with listening() as site:
            with await site.dripper() as staying, await site.dripper() as leaving:
                leave(leaving)
                await came(lambda: len(site.wire.connections) == 1)
                assert site.wire.capacity.connections == 1
                taken = site.taken
                staying.sendall(b"x")
                await came(lambda: site.taken == taken + 1)
                assert len(site.wire.drips) == 1

    run(left())


@on_both_loops
def test_a_body_that_drips_has_the_time_of_any_other(run: Run) -> None:
    """The grace, and what each of its bytes is worth: not a moment more, and not one less."""
    limits = Limits()

    async def late() -> None:
        async with listening(limits) as site:
            with await site.dripper() as peer:
                due = limits.body_grace_s + DRIPS / limits.body_bytes_per_s
                site.moment = due - 0.0001
                site.wire.sweep()
                assert len(site.wire.drips) == 1
                site.moment = due
                site.wire.sweep()
                assert b" 408 " in await asyncio.to_thread(peer.recv, 1000)

    run(late())


@on_both_loops
def test_a_head_that_drips_has_the_time_of_any_other(run: Run) -> None:
    """From its first byte, whatever the drip."""
    limits = Limits()

    async def late() -> None:
        async with listening(limits) as site:
            with await site.caller() as peer:
                (connection,) = site.wire.connections
                for count, byte in enumerate(POST[: 2 * DRIPS], start=1):
                    peer.sendall(bytes([byte]))
                    await came(lambda drips=count: connection.drips == drips)  # type: ignore[misc]
                site.moment = limits.head_s - 0.0001
                site.wire.sweep()
                assert len(site.wire.drips) == 1
                site.moment = limits.head_s
                site.wire.sweep()
                assert b" 408 " in await asyncio.to_thread(peer.recv, 1000)

    run(late())


@on_both_loops
def test_who_drips_behind_its_request_is_not_read_for_ever(run: Run) -> None:
    """What may wait behind a request is there: no more is read until the answer is given, and then all of it."""

    async def behind() -> None:
        async with listening(Limits(pipelined_bytes=2 * DRIPS)) as site:
            site.echo.is_open.clear()
            with await site.caller() as peer:
                (connection,) = site.wire.connections
                peer.sendall(GET)
                await came(lambda: not connection.core.is_idle)
                for byte in GET[: 2 * DRIPS]:
                    kept = len(connection.core._kept)
                    peer.sendall(bytes([byte]))
                    await came(lambda before=kept: len(connection.core._kept) > before)  # type: ignore[misc]
                assert len(site.wire.drips) == 0
                peer.sendall(GET[2 * DRIPS :])
                for _ in range(20):
                    await asyncio.sleep(0)
                assert len(connection.core._kept) == 2 * DRIPS
                site.echo.is_open.set()
                said = b""
                while said.count(b"HTTP/1.1 200 ") < 2:
                    said += await asyncio.to_thread(peer.recv, 1000)

    run(behind())


@on_both_loops
def test_a_defect_ends_one_connection(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told to the loop, as one in a transport would be; the others drip on."""

    async def broken() -> None:
        told: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context))
        async with listening() as site:
            with await site.dripper() as staying, await site.dripper() as failing:
                failed = next(one for one in site.wire.connections if _is_of(one, failing))
                monkeypatch.setattr(failed, "data_received", None)
                failing.sendall(b"x")
                await came(lambda: len(site.wire.connections) == 1)
                assert len(told) == 1
                taken = site.taken
                staying.sendall(b"x")
                await came(lambda: site.taken == taken + 1)

    run(broken())


def _is_of(connection: HttpConnection, peer: socket.socket) -> bool:
    assert connection._transport is not None
    return bool(connection._transport.get_extra_info("peername") == peer.getsockname())


class Sealed:
    """A transport under TLS, or without a socket: what its socket has is not what its caller says."""

    def __init__(self, **extra: object) -> None:
        self.extra = extra

    def get_extra_info(self, name: str) -> object:
        """As given."""
        return self.extra.get(name)

    def is_closing(self) -> bool:
        """No."""
        return False


@pytest.mark.parametrize("extra", [{}, {"socket": socket.socket, "sslcontext": object()}])
async def test_what_cannot_be_read_directly_is_left_to_its_transport(extra: dict[str, object]) -> None:
    """It would fail to pause."""
    site = Site(Limits())
    drips, connection = Drips(lambda: 0.0), HttpConnection(site.wire, asyncio.get_running_loop())
    for _ in range(2 * DRIPS):
        drips.saw(connection, Sealed(**extra), 1)  # type: ignore[arg-type]
    assert len(drips) == 0


@on_both_loops
def test_without_a_descriptor_its_transport_reads_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody drips here then, and every byte is read all the same."""

    def none_left() -> None:
        raise OSError(24, "too many open files")

    monkeypatch.setattr(drips_module, "_EPOLL", none_left)

    async def scarce() -> None:
        async with listening() as site:
            with await site.caller() as peer:
                peer.sendall(BODY)
                (connection,) = site.wire.connections
                await came(lambda: not connection.core.is_idle)
                for number in range(1, 2 * DRIPS):
                    peer.sendall(b"x")
                    await came(lambda count=number: site.taken == count)  # type: ignore[misc]
                assert len(site.wire.drips) == 0

    run(scarce())
