"""One connection to a provider on an asyncio transport: a thin edge over ``http1.client.ClientConnection``."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from math import inf
from types import coroutine
from typing import Final, cast

from plano.domain.attempt import NoAnswer
from plano.http1.client import ClientConnection
from plano.http1.events import AnswerStarted, AnswerWhole, BodyPiece, Broken, BrokenKind, ClientEvent
from plano.http1.head import ResponseHead, ResponseHeads
from plano.http1.request import RequestTemplate
from plano.upstream.response import NoUsableAnswer, StaleConnection
from plano.work import Bell

HIGH_WATER_BYTES = 64 * 1024
JOINED_BYTES = 64 * 1024
DRAIN_S = 1.0

READ_AT_ONCE_BYTES = 32 * 1024
"""Of what must be looked at byte by byte: a megabyte in chunks of a byte used to hold the event loop for 0.9 s."""

_ENDINGS: Final[Mapping[BrokenKind, NoAnswer]] = {
    "reset": "reset",
    "truncated": "truncated",
    "protocol": "protocol",
    "too_large": "protocol",
}


class UpstreamConnection(asyncio.Protocol):
    """Sends one request at a time and hands its answer out as it arrives.

    Nobody reads between requests; ``on_free`` is called when the connection may be used again, ``on_lost`` when it is
    gone. Reading stops while more than 64 KiB wait for the caller.
    """

    def __init__(
        self,
        heads: ResponseHeads,
        loop: asyncio.AbstractEventLoop,
        *,
        on_free: Callable[[UpstreamConnection], None],
        on_lost: Callable[[UpstreamConnection], None],
    ) -> None:
        self._core = ClientConnection(heads)
        self._loop = loop
        self._on_free = on_free
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._head: ResponseHead | None = None
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._ended: NoAnswer | bool = False
        self._news = Bell()
        self._bug: Exception | None = None
        self._take: Callable[[bytes], bool] | None = None
        self._unread = b""
        self._is_paused = False
        self._is_held = False
        self._is_draining = False
        self._is_idle = False
        self._is_sent = True
        self._due = inf
        self._silence_s: float | None = None
        self._over = inf
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf
        self.last_heard = 0.0
        self.idle_since = 0.0

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own

    def data_received(self, data: bytes) -> None:
        self.last_heard = self._loop.time()
        if not self._is_sent and self._transport is not None and self._transport.get_write_buffer_size() == 0:
            # An answer before the last byte of the request has left costs the connection.
            self._is_sent = True
            self._core.uploaded()
        if len(data) > READ_AT_ONCE_BYTES and not self._reads_plainly:
            self._unread = data
            self._read_on()
            return
        take = self._take
        if take is not None and not self._is_draining:
            piece = self._core.sole_piece(data)
            if piece:
                self._hand_over(piece, take)
                if self._take is None:
                    self._news.ring()
                return
        self._follow(self._core.receive(data))

    def eof_received(self) -> bool:
        self._follow(self._core.peer_closed())
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._timer_at = None, inf
        self._on_lost(self)
        unread, self._unread = self._unread, b""
        if unread and self._ended is False:
            # It came before the end.
            self._follow(self._core.receive(unread))
        self._follow(self._core.peer_closed(is_reset=exc is not None))

    # the provider's client calls these

    @property
    def is_usable(self) -> bool:
        """May a request go out here?"""
        transport = self._transport
        # Bytes behind an answer that nobody has looked at yet would be taken for the next one.
        return transport is not None and not transport.is_closing() and self._core.is_reusable and not self._unread

    def send(
        self,
        template: RequestTemplate,
        fields: Sequence[tuple[str, str]],
        body: Sequence[bytes | bytearray | memoryview],
        *,
        is_stream: bool,
        within_s: float = inf,
    ) -> None:
        """Sends a request, its ``body`` in parts. ``within_s``: as ``limit``.

        Raises ValueError when a field cannot be written; the connection is closed then.
        """
        transport = self._transport
        assert transport is not None
        size = sum(map(len, body))
        try:
            head = self._core.request_head(template, fields, body_size=size, is_stream=is_stream)
        except ValueError:
            transport.abort()
            raise
        self._head, self._ended, self._waiting, self._silence_s, self._bug = None, False, 0, None, None
        self._is_idle = False
        if size <= JOINED_BYTES:
            transport.write(b"".join((head, *body)))
        else:
            transport.writelines((head, *body))
        self._is_sent = False
        self._due = due = self._loop.time() + within_s
        if due < self._timer_at:
            self._set_alarm(due)

    @coroutine
    def head(self) -> Generator[Bell, None, ResponseHead]:
        """The head of the answer; whoever gives it up closes the connection.

        Raises NoUsableAnswer, or StaleConnection on a reused connection. A generator, to be awaited: it yields its
        bell itself, as a request pays for each coroutine that it waits in.
        """
        try:
            while self._head is None:
                if self._ended is not False:
                    if self._ended == "reset" and self._core.requests > 1 and not self._core.has_heard:
                        raise StaleConnection
                    raise NoUsableAnswer(self._ended if isinstance(self._ended, str) else "protocol")
                yield self._news
        except BaseException:
            self.abort()
            raise
        return self._head

    def whole(self, most: int) -> bytes | None:
        """The body, if it is plain, of at most ``most`` bytes, and all here by its own word; taken once."""
        pieces, head = self._pieces, self._head
        if self._ended is not True or len(pieces) > 1 or head is None or head.framing == "until_close":
            return None
        if "content-encoding" in head.fields:
            return None
        if not pieces:
            return b""
        return None if len(pieces[0]) > most else pieces.popleft()

    async def piece(self) -> bytes:
        """The next bytes of the body, empty at its end. Raises NoUsableAnswer when it was cut."""
        while not self._pieces:
            if self._ended is True:
                return b""
            if self._ended is not False:
                raise NoUsableAnswer(self._ended)
            await self._news
        pieces, self._waiting = self._pieces, 0
        data = pieces.popleft() if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._resume()
        return data

    async def flow(self, take: Callable[[bytes], bool]) -> bool:
        """Hands pieces to ``take`` as they are read until it says False; True when the body has ended properly.

        No task runs in between. Reading pauses while nobody takes. Raises NoUsableAnswer.
        """
        while self._pieces:
            data = self._pieces.popleft()
            self._waiting -= len(data)
            if not take(data):
                return False
        self._resume()
        if self._ended is False:
            self._take = take
            try:
                await self._news
            finally:
                self._take = None
        if self._bug is not None:
            raise self._bug
        if self._pieces:
            return False
        if isinstance(self._ended, str):
            raise NoUsableAnswer(self._ended)
        return self._ended

    def close(self) -> None:
        """The answer is no longer wanted: the connection is free when it has ended, closed otherwise."""
        transport = self._transport
        if transport is None:
            return
        if self._ended is True and self._core.is_reusable and not self._unread and not transport.is_closing():
            self._pieces.clear()
            if self._is_paused:
                self._resume()
            self._is_idle = True
            self._on_free(self)
        else:
            transport.abort()

    def drain(self) -> None:
        """As ``close``, but gives a body whose end is certain a moment to arrive."""
        if self._ended is not False or self._transport is None:
            self.close()
            return
        self._is_draining = True
        self._pieces.clear()
        self._resume()
        self._loop.call_later(DRAIN_S, self._give_up_draining, self._core.requests)

    def limit(self, seconds: float) -> None:
        """Ends the answer as ``timeout`` when it is not whole in ``seconds``, unless ``watch_silence`` takes over."""
        self._due = due = self._loop.time() + seconds
        if due < self._timer_at:
            self._set_alarm(due)

    def watch_silence(self, limit_s: float, *, within_s: float | None = None) -> None:
        """Ends the answer as ``timeout`` when nothing comes for ``limit_s``, unless the caller is the slow one.

        ``within_s``: and when it is not whole by then, None for no such limit.
        """
        if self._ended is False and self._transport is not None:
            self._silence_s = limit_s
            self._over = inf if within_s is None else self._loop.time() + within_s
            self._due = min(self.last_heard + limit_s, self._over)
            if self._due < self._timer_at:
                self._set_alarm(self._due)

    def abort(self) -> None:
        """Closes at once."""
        if self._transport is not None:
            self._transport.abort()

    def _give_up_draining(self, request: int) -> None:
        if self._is_draining and self._core.requests == request:
            self._is_draining = False
            self.abort()

    @property
    def _reads_plainly(self) -> bool:
        """Does a large read cost no more than a small one? Whoever takes pieces as they come looks at each event."""
        return self._take is None and self._core.is_reading_plainly

    def _read_on(self) -> None:
        """A little of a large read; others get their turn before what is left of it, and nothing more is read."""
        transport, unread = self._transport, self._unread
        if transport is None or not unread or self._is_paused:
            return
        if transport.is_closing():
            self._unread = b""
            return
        size = len(unread) if self._reads_plainly else READ_AT_ONCE_BYTES
        self._unread = unread[size:]
        self._follow(self._core.receive(unread[:size]))
        if self._unread and self._reads_plainly:
            self._read_on()
            return
        if self._unread:
            self._loop.call_soon(self._read_on)
        self._hold_or_read()

    def _hold_or_read(self) -> None:
        """Reads from the transport unless the caller is the slow one, or something is left of the last read."""
        holds, transport = self._is_paused or bool(self._unread), self._transport
        if transport is None or transport.is_closing() or holds is self._is_held:
            return
        self._is_held = holds
        if holds:
            transport.pause_reading()
        else:
            transport.resume_reading()

    def _resume(self) -> None:
        if self._is_paused and self._transport is not None:
            self._is_paused = False
            self.last_heard = self._loop.time()
            if self._unread:
                self._loop.call_soon(self._read_on)
            self._hold_or_read()

    def _follow(self, events: Sequence[ClientEvent]) -> None:
        for event in events:
            # By class, not by pattern: for a stream this runs once an event.
            if type(event) is BodyPiece:
                self._keep(event.data)
            elif type(event) is AnswerWhole:
                self._head, self._ended = event.head, True
                if event.body and not self._is_draining:
                    self._pieces.append(event.body)
            elif type(event) is AnswerStarted:
                self._head = event.head
            elif isinstance(event, Broken):
                self._ended = self._ended or _ENDINGS[event.kind]
                self.abort()
            else:
                self._ended = self._ended or True
        if self._ended is not False:
            self._finish()
        elif events and self._take is None:
            self._news.ring()

    def _finish(self) -> None:
        self._due = inf
        if self._is_draining:
            self._is_draining = False
            self.close()
        elif self._is_idle:
            if not self._core.is_reusable:
                self.abort()
        else:
            self._news.ring()

    def _hand_over(self, data: bytes, take: Callable[[bytes], bool]) -> None:
        try:
            wants_more = take(data)
        except Exception as bug:
            # It must reach whoever waits in ``flow``, not the loop that called ``data_received``.
            wants_more = False
            self._bug = bug
        if not wants_more:
            self._take = None

    def _set_alarm(self, due: float) -> None:
        """Wakes up at ``due``. An alarm that stands already for an earlier moment is left, and moved when it rings.

        Setting and cancelling one for every request would cost 1.5 µs of the 60.
        """
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = due
        self._timer = self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer, self._timer_at = None, inf
        if self._due == inf:
            return
        now = self._loop.time()
        if self._silence_s is not None:
            self._due = min((now if self._is_paused else self.last_heard) + self._silence_s, self._over)
        if self._due > now:
            self._set_alarm(self._due)
        elif self._ended is False:
            self._due = inf
            self._ended = "timeout"
            self.abort()
            self._news.ring()

    def _keep(self, data: bytes) -> None:
        if self._is_draining:
            return
        if self._take is not None:
            self._hand_over(data, self._take)
            return
        self._pieces.append(data)
        self._waiting += len(data)
        if self._waiting > HIGH_WATER_BYTES and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._hold_or_read()
