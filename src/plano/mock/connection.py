"""One connection of a caller of the mock provider: reads requests properly, answers them as the play says."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Sequence
from typing import Protocol, cast

from plano.http1.events import Close as CloseEvent
from plano.http1.events import Linger, Rejected, RequestStarted, RequestWhole, ServerEvent
from plano.http1.head import RequestHead, RequestHeads
from plano.http1.server import ServerConnection
from plano.mock.behaviour import ConnectionFault
from plano.mock.framing import whole
from plano.mock.ledger import End
from plano.mock.moves import Close, Hush, Play, Reset, Send, Wait

_FOREVER_S = 1e9
_AT_ONCE = struct.pack("ii", 1, 0)
_TOO_LARGE = b'{"error": {"message": "too large", "type": "invalid_request_error", "code": "request_too_large"}}'


class Tab(Protocol):
    """Keeps the account of one play."""

    def served(self, tokens: int) -> None:
        """So many tokens more were sent."""
        ...

    def close(self, end: End) -> None:
        """The play is over."""
        ...


class _NoTab:
    def served(self, tokens: int) -> None:
        pass

    def close(self, end: End) -> None:
        pass


NO_TAB = _NoTab()
"""For answers that nobody counts."""


class Actor(Protocol):
    """Whoever answers the requests of a connection."""

    heads: RequestHeads

    def opened(self, connection: PlayedConnection) -> ConnectionFault | None:
        """A caller connected: what goes wrong with this connection."""
        ...

    def closed(self, connection: PlayedConnection) -> None:
        """The connection is gone."""
        ...

    def respond(self, head: RequestHead, body: bytes, number: int) -> tuple[Play, Tab]:
        """The play for one request of connection ``number``."""
        ...


class PlayedConnection(asyncio.Protocol):
    """``number`` counts the connections of an actor from 1."""

    def __init__(self, actor: Actor, number: int) -> None:
        self.number = number
        self._actor = actor
        self._core = ServerConnection(actor.heads, time.monotonic())
        self._transport: asyncio.Transport | None = None
        self._fault: ConnectionFault | None = None
        self._task: asyncio.Task[None] | None = None
        self._tab: Tab = NO_TAB
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._answered = 0

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own
        self._fault = self._actor.opened(self)
        if self._fault == "reset-on-accept":
            self.reset()
        elif self._fault == "close-on-accept":
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._fault == "silent-on-accept":
            return
        if self._fault == "close-at-reuse" and self._answered:
            assert self._transport is not None
            self._transport.close()
            return
        self._follow(self._core.receive(data, time.monotonic()))

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._actor.closed(self)
        if self._task is not None:
            self._over("left")

    # the provider calls these

    def stop(self) -> None:
        """Resets the connection because the provider stops."""
        if self._task is not None:
            self._over("stopped")
        self.reset()

    def reset(self) -> None:
        """Resets the connection."""
        transport = self._transport
        if transport is not None:
            sock = transport.get_extra_info("socket")
            if sock is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            transport.abort()

    def _follow(self, events: Sequence[ServerEvent]) -> None:
        for event in events:
            match event:
                case RequestStarted():
                    self._disturb_upload()
                case RequestWhole(head, body):
                    play, self._tab = self._actor.respond(head, body, self.number)
                    self._task = asyncio.get_running_loop().create_task(self._perform(play))
                case Rejected(status):
                    self._write(whole(status, b'{"error": {"message": "the mock provider could not read that"}}'))
                    self._next()
                case Linger() | CloseEvent():
                    if self._transport is not None:
                        self._transport.close()

    def _disturb_upload(self) -> None:
        assert self._transport is not None
        if self._fault == "reset-in-upload":
            self.reset()
        elif self._fault == "stop-reading":
            self._transport.pause_reading()
        elif self._fault == "early-413":
            self._write(whole(413, _TOO_LARGE))
            self._transport.pause_reading()

    async def _perform(self, play: Play) -> None:
        for move in play:
            match move:
                case Send(data, tokens):
                    self._write(data)
                    if not self._may_write.is_set():
                        await self._may_write.wait()
                    if tokens:
                        self._tab.served(tokens)
                case Wait(seconds):
                    await asyncio.sleep(seconds)
                case Hush():
                    await asyncio.sleep(_FOREVER_S)
                case Close():
                    self._over("closed")
                    if self._transport is not None:
                        self._transport.close()
                    return
                case Reset():
                    self._over("reset")
                    self.reset()
                    return
        self._over("served")
        self._next()

    def _next(self) -> None:
        """Reads the next request. The core's own answer is not sent: a play may be one that it would never write."""
        self._answered += 1
        self._core.answer(200, (), body=b"", date="")
        self._follow(self._core.answered(time.monotonic()))

    def _over(self, end: End) -> None:
        task, self._task = self._task, None
        tab, self._tab = self._tab, NO_TAB
        tab.close(end)
        if task is not None and end in ("left", "stopped"):
            task.cancel()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and data:
            self._transport.write(data)
