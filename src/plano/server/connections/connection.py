"""One connection of a caller on an asyncio transport: a thin edge over ``http1.server.ServerConnection``.

Requests are refused at their head where the head is enough, collected otherwise, and then served one at a time. The
caller leaving cancels that work, which closes the upstream.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from plano.errors import GatewayOverloaded, PlanoError
from plano.http1.answer import field_writer
from plano.http1.events import Close, Linger, Rejected, RequestStarted, RequestWhole, ServerEvent
from plano.http1.head import RequestHead, RequestHeads
from plano.http1.limits import Limits
from plano.http1.server import ServerConnection
from plano.server.answering.asking import Asking
from plano.server.answering.exchange import Application, Fields
from plano.server.capacity import Capacity
from plano.server.connections.drips import Drips
from plano.server.connections.presence import has_left, peer_of
from plano.server.connections.refusals import REFUSALS
from plano.server.connections.socket_exchange import SocketExchange
from plano.server.connections.sockets import hold_little, reset
from plano.server.connections.sweep import Sweep
from plano.work import Work

HIGH_WATER_BYTES = 64 * 1024

READ_AT_ONCE_BYTES = 16 * 1024
"""Of what must be looked at byte by byte: a megabyte in chunks of a byte used to hold the event loop for 0.8 s."""

COUNTED_BYTES = 4 * 1024
"""Of a body: smaller parts are not counted one by one, so that a byte that drips in costs little."""


class Wire:
    """What all connections of a listener share. ``now``: monotonic seconds; ``date``: the value of the Date field.

    ``opening``: those that are still in their handshake. ``is_draining``: whoever comes now has one answer.
    """

    def __init__(
        self,
        application: Application,
        limits: Limits,
        capacity: Capacity,
        *,
        now: Callable[[], float],
        date: Callable[[], str],
    ) -> None:
        self.application = application
        self.heads = RequestHeads(limits)
        self.fields = field_writer()
        self.capacity = capacity
        self.now = now
        self.date = date
        self.connections: set[HttpConnection] = set()
        self.opening: set[asyncio.Task[None]] = set()
        self.is_draining = False
        self.drips = Drips(now)
        self._sweep = Sweep(now)

    def sweep(self) -> None:
        """Applies the deadlines of every connection; called about twice a second, so that a request sets no timer."""
        self._sweep.over(self.connections)

    def close(self) -> None:
        """Closes every connection at once, those in their handshake too."""
        for task in tuple(self.opening):
            task.cancel()
        for connection in tuple(self.connections):
            connection.abort()


class HttpConnection(asyncio.Protocol):
    """The edge of one connection. ``is_counted``: it has its place already, and only gives it back."""

    def __init__(self, wire: Wire, loop: asyncio.AbstractEventLoop, *, is_counted: bool = False) -> None:
        self._wire = wire
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._exchange: SocketExchange | None = None
        self._work: Work | None = None
        self._writable: asyncio.Future[None] | None = None
        self._is_paused = False
        self._events: deque[ServerEvent] = deque()
        self._is_following = False
        self._is_counted = is_counted
        self._peer: str | None = None
        self._refused: RequestHead | None = None
        self._is_answer_waiting = False
        self._unsent = self._held = self.drips = 0
        self._unread = b""
        self.asking: Asking | None = None
        self.now = wire.now
        self.core = ServerConnection(wire.heads, wire.now(), fields=wire.fields)

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own
        self._transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        hold_little(self._transport, HIGH_WATER_BYTES)
        peer = peer_of(transport)
        if self._is_counted or self._wire.capacity.enter(peer):
            self._peer = peer
            self._wire.connections.add(self)
            if self._wire.is_draining:
                self.core.close_after_answer()
        else:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if len(data) > READ_AT_ONCE_BYTES and not self.core.is_reading_plainly:
            self._unread, self.drips = data, 0
            self._read_on()
            return
        core = self.core
        events = core.receive(data, self.now())
        if events:
            self.drips = 0
            self._follow(events)
        else:
            self._wire.drips.saw(self, self._transport, len(data))
        if core.body_bytes - self._held >= COUNTED_BYTES:
            self._hold()
        if core.is_full:
            self._read_or_pause()

    def eof_received(self) -> bool:
        self._follow(self.core.peer_closed())
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire.connections.discard(self)
        if self.drips:
            self._wire.drips.forget(self)
        self._transport = None
        if self._peer is not None:
            self._wire.capacity.leave(self._peer)
        self._let_go()
        work, self._work = self._work, None
        exchange, self._exchange = self._exchange, None
        if work is not None:
            # First of all it leaves the queue: what it waited for is not its to give away.
            work.cancel()
            self._wire.capacity.ended()
        elif exchange is not None:
            self._wire.application.left(exchange)
        if self._writable is not None and not self._writable.done():
            self._writable.cancel()

    def pause_writing(self) -> None:
        self.core.write_paused(self._wire.now())
        self._unsent = self._transport.get_write_buffer_size() if self._transport is not None else 0
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        self.core.write_resumed()
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None
        if self._is_answer_waiting:
            self._is_answer_waiting = False
            self._go_on()

    # the exchange calls these

    def send_answer(self, status: int, fields: Fields, body: bytes) -> None:
        """Head and body in one write."""
        if self._transport is not None:
            self._transport.write(self.core.answer(status, fields, body=body, date=self._wire.date()))
            self._answered()

    def send_head(self, status: int, fields: Fields) -> None:
        """The head of a chunked answer."""
        if self._transport is not None:
            self._transport.write(self.core.answer_head(status, fields, framing="chunked", date=self._wire.date()))

    def send_piece(self, data: bytes) -> bool:
        """One piece; False while the transport takes no more."""
        if self._transport is None:
            return False
        self._transport.write(self.core.piece(data))
        return self._writable is None

    async def drained(self) -> None:
        """Comes back when the transport takes more."""
        if self._transport is None:
            raise asyncio.CancelledError
        if self._writable is not None:
            await self._writable

    def send_end(self) -> None:
        """The end of a chunked answer."""
        if self._transport is not None:
            last = self.core.end()
            if last:
                self._transport.write(last)
            self._answered()

    # the server calls these

    def check_deadline(self, now: float) -> None:
        """Applies the deadline that has passed, if any."""
        if self._is_paused and has_left(self._transport):
            self.abort()
        if self._writable is not None and self._transport is not None:
            unsent = self._transport.get_write_buffer_size()
            if unsent < self._unsent:
                self.core.write_paused(now)
            self._unsent = unsent
        deadline = self.core.deadline()
        if deadline is not None and deadline <= now:
            self._follow(self.core.expire(now))

    def drain(self) -> None:
        """No new requests: an idle connection closes, a busy one after its answer."""
        self.core.close_after_answer()
        if self.core.is_idle and self._transport is not None and not self._transport.is_closing():
            self._transport.close()

    def stop(self, error: PlanoError) -> None:
        """Gives up what is in progress: an answer that has begun ends with ``error``, else ``error`` is the answer."""
        exchange = self._exchange
        if exchange is not None and self._work is not None:
            exchange.stopped_by = error
            self._work.cancel()
        elif exchange is not None:
            self._wire.application.refuse_bytes(exchange, error)

    def abort(self) -> None:
        """Closes at once; what was sent of an answer that has not ended cannot pass for a whole one."""
        transport = self._transport
        if transport is not None:
            if self.core.is_answering:
                reset(transport)
            else:
                transport.abort()

    @property
    def has_begun(self) -> bool:
        """Was it handed a transport, and took it on?"""
        return self._peer is not None

    @property
    def is_busy(self) -> bool:
        """Is a request arriving or being served, or an answer still on its way?"""
        if self._transport is None:
            return False
        return self._exchange is not None or self.core.is_lingering or self._transport.get_write_buffer_size() > 0

    def _hold(self) -> None:
        """Counts what is here of a body that is not whole; gives it up when all bodies together are too large."""
        size = self.core.body_bytes - self._held
        self._held += size
        if not self._wire.capacity.hold(size) and self._exchange is not None:
            exchange, self._exchange = self._exchange, None
            self._wire.application.refuse_bytes(exchange, GatewayOverloaded("too much is being received; try again"))

    def _let_go(self) -> None:
        if self._held:
            self._wire.capacity.body_bytes -= self._held
            self._held = 0

    def _answered(self) -> None:
        self._exchange = None
        if self._held:
            self._let_go()
        if self._work is not None:
            self._wire.capacity.ended()
            self._work = None
        if self._writable is not None:
            # A caller that asks on and does not read is not served further: its answers would pile up here.
            self._is_answer_waiting = True
        elif self.core.is_pipelined:
            # Others get their turn between two requests that came together.
            self._loop.call_soon(self._go_on)
        else:
            self._go_on()

    def _go_on(self) -> None:
        """The answer is handed over: what comes next on this connection."""
        if self._transport is None:
            return
        events = self.core.answered(self.now())
        if events:
            self._follow(events)
        if self._is_paused:
            self._read_or_pause()

    def _read_on(self) -> None:
        """A little of a large read; others get their turn before what is left of it, and nothing more is read."""
        core, unread = self.core, self._unread
        if self._transport is None:
            return
        size = len(unread) if core.is_reading_plainly else READ_AT_ONCE_BYTES
        self._unread = unread[size:]
        self._follow(core.receive(unread[:size], self.now()))
        if core.body_bytes - self._held >= COUNTED_BYTES:
            self._hold()
        if self._unread and core.is_reading_plainly:
            self._read_on()
            return
        if self._unread:
            self._loop.call_soon(self._read_on)
        self._read_or_pause()

    def _read_or_pause(self) -> None:
        """Reads from the transport unless enough is here already."""
        is_enough, transport = bool(self._unread) or self.core.is_full, self._transport
        if transport is None or is_enough is self._is_paused:
            return
        self._is_paused = is_enough
        if is_enough:
            transport.pause_reading()
        else:
            transport.resume_reading()

    def _follow(self, events: Sequence[ServerEvent]) -> None:
        """Acts on events in order. An answer given on the way may bring the next request's: they wait their turn."""
        waiting = self._events
        waiting.extend(events)
        if self._is_following:
            return
        self._is_following = True
        try:
            while waiting:
                event = waiting.popleft()
                _ACTIONS[type(event)](self, event)
        finally:
            self._is_following = False

    def _start(self, event: RequestStarted) -> None:
        exchange = SocketExchange(self, event.head, self.now())
        if self._wire.application.refuse(exchange):
            self._refused = event.head
            return
        self._exchange, self.asking = exchange, exchange.asking
        interim = self.core.interim()
        if interim and self._transport is not None:
            self._transport.write(interim)

    def _serve(self, event: RequestWhole) -> None:
        exchange = self._exchange
        if exchange is None:
            exchange = SocketExchange(self, event.head, self.now())
            if self._wire.application.refuse(exchange):
                return
            self._exchange = exchange
        self.asking = exchange.asking
        exchange.body = event.body
        self._wire.capacity.requests += 1
        self._work = Work(self._wire.application.serve(exchange), self._loop)
        self._work.go_on()

    def _reject(self, event: Rejected) -> None:
        if event.head is not None and event.head is self._refused:
            return
        error = REFUSALS[event.status](f"the request was refused: {event.reason}")
        self._exchange = None
        self._wire.application.refuse_bytes(SocketExchange(self, event.head, self._wire.now()), error)

    def _leave(self, event: Linger | Close) -> None:
        transport = self._transport
        if transport is None:
            return
        if isinstance(event, Linger):
            if transport.is_closing():
                return
            if transport.can_write_eof():
                transport.write_eof()
            elif event.is_whole:
                # TLS says goodbye by closing.
                transport.close()
            return
        work = self._work
        if work is not None:
            # Whatever is ready to answer in this turn of the loop would find nobody to answer to.
            work.cancel()
        if not event.is_clean:
            reset(transport)
        elif work is not None:
            transport.abort()
        elif not transport.is_closing():
            transport.close()


_ACTIONS: Final[Mapping[type[ServerEvent], Callable[[HttpConnection, Any], None]]] = {
    RequestStarted: HttpConnection._start,
    RequestWhole: HttpConnection._serve,
    Rejected: HttpConnection._reject,
    Linger: HttpConnection._leave,
    Close: HttpConnection._leave,
}
"""What the edge does about each event of the core."""
