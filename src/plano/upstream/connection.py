"""One connection to a provider on an asyncio transport: a thin edge over ``http1.client.ClientConnection``."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from plano.domain.attempt import NoAnswer
from plano.http1.client import ClientConnection
from plano.http1.events import AnswerEnded, AnswerStarted, BodyPiece, Broken, BrokenKind, ClientEvent
from plano.http1.head import ResponseHead
from plano.http1.limits import Limits
from plano.upstream.encoding import decoder
from plano.upstream.response import NoUsableAnswer

HIGH_WATER_BYTES = 64 * 1024
DRAIN_S = 1.0

_ENDINGS: Final[Mapping[BrokenKind, NoAnswer]] = {
    "reset": "reset",
    "truncated": "truncated",
    "protocol": "protocol",
    "too_large": "protocol",
}


class StaleConnection(Exception):
    """A reused connection closed before any byte of the answer: the request is safe to send again on a fresh one."""


class UpstreamConnection(asyncio.Protocol):
    """Sends one request at a time and hands its answer out as it arrives.

    Nobody reads between requests; ``on_free`` is called when the connection may be used again, ``on_lost`` when it is
    gone. Reading stops while more than 64 KiB wait for the caller.
    """

    def __init__(
        self,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
        *,
        on_free: Callable[[UpstreamConnection], None],
        on_lost: Callable[[UpstreamConnection], None],
    ) -> None:
        self._core = ClientConnection(limits)
        self._loop = loop
        self._on_free = on_free
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._head: ResponseHead | None = None
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._ended: NoAnswer | bool = False
        self._waiter: asyncio.Future[None] | None = None
        self._is_paused = False
        self._is_draining = False
        self._is_idle = False
        self._timer: asyncio.TimerHandle | None = None
        self.last_heard = 0.0
        self.idle_since = 0.0

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own

    def data_received(self, data: bytes) -> None:
        self.last_heard = self._loop.time()
        self._note_upload()
        self._follow(self._core.receive(data))
        if self._is_idle and not self._core.is_reusable:
            self.abort()

    def eof_received(self) -> bool:
        self._follow(self._core.peer_closed())
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._follow(self._core.peer_closed(is_reset=exc is not None))
        self._on_lost(self)

    # the provider's client calls these

    @property
    def is_usable(self) -> bool:
        """May a request go out here?"""
        return self._transport is not None and not self._transport.is_closing() and self._core.is_reusable

    def send(
        self, method: str, target: str, fields: Sequence[tuple[str, str]], body: bytes, *, is_stream: bool
    ) -> None:
        """Sends a request. Raises ValueError when a field cannot be written."""
        assert self._transport is not None
        head = self._core.request_head(method, target, fields, body_size=len(body), is_stream=is_stream)
        self._head, self._ended, self._waiting = None, False, 0
        self.last_heard = self._loop.time()
        self._is_idle = False
        self._transport.write(head + body)
        self._note_upload()

    async def head(self) -> ResponseHead:
        """The head of the answer. Raises NoUsableAnswer, or StaleConnection on a reused connection."""
        while self._head is None:
            if self._ended is not False:
                if self._ended == "reset" and self._core.requests > 1 and not self._core.has_heard:
                    raise StaleConnection
                raise NoUsableAnswer(self._ended if isinstance(self._ended, str) else "protocol")
            await self._wait()
        return self._head

    async def piece(self) -> bytes:
        """The next bytes of the body, empty at its end. Raises NoUsableAnswer when it was cut."""
        while not self._pieces:
            if self._ended is True:
                return b""
            if self._ended is not False:
                raise NoUsableAnswer(self._ended)
            await self._wait()
        pieces, self._waiting = self._pieces, 0
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._resume()
        return data

    def close(self) -> None:
        """The answer is no longer wanted: the connection is free when it has ended, closed otherwise."""
        if self._transport is None:
            return
        if self._ended is True and self.is_usable:
            self._pieces.clear()
            self._resume()
            self._is_idle = True
            self._on_free(self)
        else:
            self._transport.abort()

    def drain(self) -> None:
        """As ``close``, but gives a body whose end is certain a moment to arrive."""
        if self._ended is not False or self._transport is None:
            self.close()
            return
        self._is_draining = True
        self._pieces.clear()
        self._loop.call_later(DRAIN_S, self._give_up_draining)

    def limit(self, seconds: float) -> None:
        """Ends the answer as ``timeout`` when it is not whole in ``seconds``, unless ``watch_silence`` takes over."""
        self._set_timer(self._loop.call_later(max(0.0, seconds), self._time_out))

    def watch_silence(self, limit_s: float) -> None:
        """Ends the answer as ``timeout`` when nothing comes for ``limit_s``, unless the caller is the slow one."""
        if self._ended is not False or self._transport is None:
            return
        silent_s = 0.0 if self._is_paused else self._loop.time() - self.last_heard
        if silent_s >= limit_s:
            self._time_out()
        else:
            self._set_timer(self._loop.call_later(limit_s - silent_s, self.watch_silence, limit_s))

    def abort(self) -> None:
        """Closes at once."""
        if self._transport is not None:
            self._transport.abort()

    def _give_up_draining(self) -> None:
        if self._is_draining:
            self._is_draining = False
            self.abort()

    def _note_upload(self) -> None:
        """Tells the core when the last byte of the request has left; an answer before that costs the connection."""
        if self._transport is not None and self._transport.get_write_buffer_size() == 0:
            self._core.uploaded()

    def _resume(self) -> None:
        if self._is_paused and self._transport is not None:
            self._is_paused = False
            self.last_heard = self._loop.time()
            self._transport.resume_reading()

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _follow(self, events: Sequence[ClientEvent]) -> None:
        for event in events:
            match event:
                case BodyPiece(data):
                    self._keep(data)
                case AnswerStarted(head):
                    self._head = head
                case AnswerEnded():
                    self._ended = self._ended or True
                case Broken(kind):
                    self._ended = self._ended or _ENDINGS[kind]
                    self.abort()
        if events:
            self._wake()
        if self._ended is not False:
            self._set_timer(None)
        if self._is_draining and self._ended is not False:
            self._is_draining = False
            self.close()

    def _set_timer(self, timer: asyncio.TimerHandle | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    def _time_out(self) -> None:
        if self._ended is False:
            self._ended = "timeout"
            self.abort()
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _keep(self, data: bytes) -> None:
        if self._is_draining:
            return
        self._pieces.append(data)
        self._waiting += len(data)
        if self._waiting > HIGH_WATER_BYTES and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()


class HttpResponse:
    """``upstream.response.Response`` over a connection; content codings are removed."""

    __slots__ = ("_connection", "_inflater", "_is_closed", "headers", "status")

    def __init__(self, connection: UpstreamConnection, head: ResponseHead) -> None:
        self._connection = connection
        self._is_closed = False
        self.status = head.status
        self.headers = head.fields
        self._inflater = decoder(head.fields.get("content-encoding"))

    async def piece(self) -> bytes:
        """The next bytes of the body, empty at its proper end. Raises NoUsableAnswer."""
        data = await self._connection.piece()
        if self._inflater is None:
            return data
        while data:
            plain = self._inflater.feed(data)
            if plain:
                return plain
            data = await self._connection.piece()
        self._inflater.end()
        return b""

    def watch_silence(self, limit_s: float) -> None:
        """From now on a silence of ``limit_s`` ends the body as ``timeout``."""
        self._connection.watch_silence(limit_s)

    def close(self) -> None:
        """Gives the connection back when the body has ended, else closes it."""
        if not self._is_closed:
            self._is_closed = True
            self._connection.close()

    def drain(self) -> None:
        """As ``close``, but waits a little for a body whose end is already certain."""
        if not self._is_closed:
            self._is_closed = True
            self._connection.drain()
