"""A store of sessions in Redis or Valkey: one connection, commands in a row, and never a wait beyond its bound."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import cast
from urllib.parse import unquote, urlsplit

from plano.config.urls import parse_url
from plano.domain.secret import Secret
from plano.domain.session import Binding
from plano.errors import StoreError
from plano.ports import Clock
from plano.wire import bindings
from plano.wire.resp import Replies, Reply, command

CONNECT_S = 2.0
ANSWER_S = 0.25
"""How long a request waits for its session, the connection included."""

PAUSE_S = 1.0
"""After a failure the store is left alone for so long: requests do not wait for one that is down."""

MAX_WAITING = 1_000
PREFIX = b"plano:session:"
SCHEMES = ("redis", "rediss", "valkey", "valkeys")
_TLS = ("rediss", "valkeys")

Waiting = asyncio.Future[Reply]


class Valkey:
    """``plano.ports.SessionStore`` at ``url``: ``redis://user:password@host:port/database``, ``rediss`` with TLS.

    ``secret``: what keys and records are made with; processes that share it share their sessions.
    """

    def __init__(self, url: Secret, secret: bytes, *, clock: Clock, tls: Callable[[], ssl.SSLContext]) -> None:
        self._url = url
        self._secret = secret
        self._clock = clock
        self._tls = tls
        self._link: _Link | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._queued: deque[tuple[bytes, Waiting]] = deque()
        self._not_before = float("-inf")
        self._trouble = "it could not be reached"

    async def get(self, key: bytes) -> Binding | None:
        """What the session is bound to, None when nothing usable is kept. Raises StoreError."""
        record = await self._ask(b"GET", PREFIX + key.hex().encode())
        if not isinstance(record, bytes):
            return None
        return bindings.unseal(self._secret, key, record, now=self._clock.wall())

    async def put(self, key: bytes, binding: Binding, ttl_s: int) -> None:
        """Keeps it for ``ttl_s`` seconds. Raises StoreError."""
        record = bindings.seal(self._secret, key, binding, until=self._clock.wall() + ttl_s)
        await self._ask(b"SET", PREFIX + key.hex().encode(), record, b"EX", b"%d" % ttl_s)

    async def ping(self) -> None:
        """Comes back when the store answers. Raises StoreError."""
        await self._ask(b"PING")

    def close(self) -> None:
        """Closes the connection."""
        if self._connecting is not None:
            self._connecting.cancel()
        self._lose("it was closed")

    async def _ask(self, *words: bytes) -> Reply:
        """The reply to a command. Raises StoreError, at the latest after ``ANSWER_S``."""
        if self._clock.monotonic() < self._not_before:
            raise StoreError(self._trouble)
        waiting = self._sent(command(*words))
        # Not ``asyncio.timeout``: a request begins to be served outside any task.
        await asyncio.wait((waiting,), timeout=ANSWER_S)
        if not waiting.done():
            waiting.cancel()
            self._lose(f"it did not answer within {ANSWER_S:g} s")
            raise StoreError(self._trouble)
        return waiting.result()

    def _sent(self, data: bytes) -> Waiting:
        """What will be the reply. Commands leave in the order in which they came, also while there is no connection."""
        waiting: Waiting = asyncio.get_running_loop().create_future()
        # A caller who leaves hears no more of it.
        waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
        if self._link is not None and self._link.is_open:
            self._link.send(data, waiting)
            return waiting
        if len(self._queued) >= MAX_WAITING:
            raise StoreError("too many requests wait for it")
        self._queued.append((data, waiting))
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())
        return waiting

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_S):
                self._link = await self._opened()
        except (OSError, TimeoutError, StoreError) as error:
            self._lose(error.message if isinstance(error, StoreError) else "it could not be reached")
            return
        finally:
            self._connecting = None
        while self._queued:
            self._link.send(*self._queued.popleft())

    async def _opened(self) -> _Link:
        """A connection that is logged in and has chosen its database. Raises OSError or StoreError."""
        url = parse_url(self._url.reveal(), SCHEMES, allow_userinfo=True)
        loop = asyncio.get_running_loop()
        context = self._tls() if url.scheme in _TLS else None
        _, link = await loop.create_connection(_Link, url.host, url.port, ssl=context)
        try:
            for words in self._greeting(url.path):
                answered: Waiting = loop.create_future()
                link.send(command(*words), answered)
                await answered
        except BaseException:
            link.abort("it was given up")
            raise
        return link

    def _greeting(self, path: str) -> list[tuple[bytes, ...]]:
        parts = urlsplit(self._url.reveal())
        greeting: list[tuple[bytes, ...]] = []
        if parts.password:
            user = (unquote(parts.username).encode(),) if parts.username else ()
            greeting.append((b"AUTH", *user, unquote(parts.password).encode()))
        if path.strip("/"):
            greeting.append((b"SELECT", path.strip("/").encode()))
        return greeting

    def _lose(self, why: str) -> None:
        """Everyone who waits is told; nobody asks again for a while."""
        self._trouble = why
        self._not_before = self._clock.monotonic() + PAUSE_S
        if self._link is not None:
            self._link.abort(why)
            self._link = None
        while self._queued:
            _tell(self._queued.popleft()[1], StoreError(why))


class _Link(asyncio.Protocol):
    """One connection. Replies come in the order of the commands."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[Waiting] = deque()
        self._replies = Replies()

    @property
    def is_open(self) -> bool:
        """May a command be sent?"""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, data: bytes, waiting: Waiting) -> None:
        """Sends a command; ``waiting`` will have its reply."""
        if self._transport is None or len(self._waiting) >= MAX_WAITING:
            _tell(waiting, StoreError("too many requests wait for it"))
            return
        self._waiting.append(waiting)
        self._transport.write(data)

    def abort(self, why: str) -> None:
        """Closes at once; who waits is told why."""
        if self._transport is not None:
            self._transport.abort()
        while self._waiting:
            _tell(self._waiting.popleft(), StoreError(why))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of ``asyncio.Protocol``."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Of ``asyncio.Protocol``."""
        try:
            replies = self._replies.feed(data)
        except StoreError as error:
            self.abort(error.message)
            return
        for reply in replies:
            if not self._waiting:
                self.abort("it spoke without being asked")
                return
            _tell(self._waiting.popleft(), reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """Of ``asyncio.Protocol``."""
        self.abort("it closed the connection")


def _tell(waiting: Waiting, reply: Reply | StoreError) -> None:
    if waiting.done():
        # Whoever asked has given up.
        return
    if isinstance(reply, StoreError):
        waiting.set_exception(reply)
    else:
        waiting.set_result(reply)
