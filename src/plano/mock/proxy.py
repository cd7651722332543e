"""A TCP proxy that does to a connection what networks do: for faults that the two ends know nothing of."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

_READ_BYTES = 16 * 1024
_AT_ONCE = struct.pack("ii", 1, 0)

AtLimit = Literal["close", "reset", "hush", "half-close"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to the bytes of one direction.

    ``delay_s``: each piece arrives that much later. ``bytes_per_s``: at most, 0 for no limit. ``after_bytes``: only so
    many pass, None for all; ``then`` says what follows: an orderly close of both sides, a reset, silence, or an end of
    this direction alone.
    """

    delay_s: float = 0.0
    bytes_per_s: float = 0.0
    after_bytes: int | None = None
    then: AtLimit = "close"


NO_TROUBLE = Trouble()
BLACK_HOLE = Trouble(after_bytes=0, then="hush")


class FaultProxy:
    """Stands before ``host:port``; ``down`` is what the caller receives, ``up`` what it sends. Both may be set anew.

    A new setting counts for connections made after it.
    """

    def __init__(self, host: str, port: int, *, down: Trouble = NO_TROUBLE, up: Trouble = NO_TROUBLE) -> None:
        self.down = down
        self.up = up
        self.port = 0
        self._target = host, port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listens; ``port`` holds the real one afterwards."""
        self._server = await asyncio.start_server(self._carry, host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Closes everything at once."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        up, down = self.up, self.down
        far_writer: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            ways = (_pass(reader, far_writer, up), _pass(far_reader, writer, down))
            running = [asyncio.ensure_future(way) for way in ways]
            try:
                await _until_over(running, (writer, far_writer))
            finally:
                for way in running:
                    way.cancel()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()
            if far_writer is not None:
                far_writer.transport.abort()


async def _until_over(
    running: Sequence[asyncio.Future[AtLimit | None]], writers: tuple[asyncio.StreamWriter, ...]
) -> None:
    """Waits for both directions; one that ends by order of its trouble may end both."""
    for way in asyncio.as_completed(running):
        order = await way
        if order == "reset":
            for writer in writers:
                _reset(writer)
            return
        if order == "close":
            for writer in writers:
                with suppress(OSError):
                    await writer.drain()
                writer.close()
            return


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, trouble: Trouble) -> AtLimit | None:
    """Carries one direction; what its trouble orders at the end, None when the sender ended it."""
    left = trouble.after_bytes
    while data := await reader.read(_READ_BYTES):
        if trouble.delay_s:
            await asyncio.sleep(trouble.delay_s)
        if left is not None:
            data, left = data[:left], left - len(data)
        if data:
            writer.write(data)
            await writer.drain()
        if trouble.bytes_per_s:
            await asyncio.sleep(len(data) / trouble.bytes_per_s)
        if left is not None and left <= 0:
            return await _stopped(reader, writer, trouble.then)
    if writer.can_write_eof():
        writer.write_eof()
    return None


async def _stopped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, then: AtLimit) -> AtLimit:
    if then == "half-close":
        writer.write_eof()
    if then in ("half-close", "hush"):
        while await reader.read(_READ_BYTES):
            pass
    return then


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    writer.transport.abort()
