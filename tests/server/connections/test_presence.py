"""Whoever has left is noticed though nobody reads."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

import pytest

from plano.server.connections.presence import has_left


def _ends(peer: socket.socket) -> None:
    peer.shutdown(socket.SHUT_WR)


def _resets(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


@pytest.mark.parametrize("leave", [_ends, _resets, socket.socket.close])
async def test_every_way_to_leave(leave: Callable[[socket.socket], None]) -> None:
    """Present with bytes unread; gone after an end as after a reset, with those bytes still unread."""
    loop = asyncio.get_running_loop()
    made: asyncio.Future[asyncio.Transport] = loop.create_future()

    class Deaf(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            transport.pause_reading()
            made.set_result(transport)

    server = await loop.create_server(Deaf, "127.0.0.1", 0)
    with socket.create_connection(server.sockets[0].getsockname(), timeout=30) as peer:
        peer.sendall(b"x" * 1000)
        transport = await made
        assert not has_left(transport)
        leave(peer)
        async with asyncio.timeout(30):
            while not has_left(transport):  # noqa: ASYNC110 - the kernel sets no event
                await asyncio.sleep(0)
    transport.abort()
    server.close()
    await asyncio.sleep(0)


def test_no_connection_has_nobody_to_leave() -> None:
    """Without a transport nothing is known."""
    assert not has_left(None)
