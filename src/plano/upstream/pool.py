"""Connections kept for reuse, per origin, and how many there may be."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable

from plano.domain.model import Endpoint, Origin, Proxy
from plano.http1.head import ResponseHeads
from plano.http1.limits import Limits
from plano.upstream.connection import UpstreamConnection
from plano.upstream.dial import Dialer
from plano.upstream.response import NoUsableAnswer

IDLE_S = 15.0
MAX_IDLE_PER_ORIGIN = 256
MAX_PER_ORIGIN = 1_024
MAX_WAITING = 200
WAIT_S = 1.0


class Lane:
    """The connections to one origin, by way of ``proxy`` if there is one.

    Idle ones are used again, the last one given back first, and closed after 15 s without use.

    ``most``: how many there may be at once. Beyond that up to 200 callers wait, at most 1 s, in the order they came;
    a connection given back goes to the first of them.
    """

    __slots__ = ("_all", "_dialer", "_heads", "_idle", "_opening", "_waiting", "most", "origin", "proxy")

    def __init__(
        self,
        origin: Origin,
        dialer: Dialer,
        heads: ResponseHeads,
        *,
        proxy: Proxy | None = None,
        most: int = MAX_PER_ORIGIN,
    ) -> None:
        self.origin = origin
        self.proxy = proxy
        self.most = most
        self._dialer = dialer
        self._heads = heads
        self._all: set[UpstreamConnection] = set()
        self._idle: list[UpstreamConnection] = []
        self._opening = 0
        self._waiting: deque[asyncio.Future[UpstreamConnection | None]] = deque()

    def __repr__(self) -> str:
        return f"<Lane {self.origin} open={len(self._all)} idle={len(self._idle)} waiting={len(self._waiting)}>"

    @property
    def size(self) -> int:
        """Open connections, idle ones included."""
        return len(self._all)

    def take(self) -> UpstreamConnection | None:
        """An idle connection that may be used now."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                return connection
            connection.abort()
        return None

    async def connect(self, *, limit_s: float) -> UpstreamConnection:
        """A connection: a new one, or one that was given back while this waited for a place.

        Raises NoUsableAnswer: ``connect``; ``connect_timeout`` after ``limit_s`` for place, name, TCP and TLS together;
        ``busy`` when there is no place.
        """
        # In a task of its own: timeouts need one, and a request has none.
        connecting = asyncio.get_running_loop().create_task(self._connected(limit_s))
        try:
            return await connecting
        except asyncio.CancelledError:
            if connecting.done() and not connecting.cancelled() and connecting.exception() is None:
                # It was cancelled in the very turn in which it was connected: others can use that.
                self._give(connecting.result())
            raise

    async def _connected(self, limit_s: float) -> UpstreamConnection:
        try:
            async with asyncio.timeout(limit_s):
                given = await self._turn()
                return await self._open() if given is None else given
        except TimeoutError:
            raise NoUsableAnswer("connect_timeout") from None
        except (OSError, UnicodeError):
            raise NoUsableAnswer("connect") from None

    def close_idle(self, before: float) -> None:
        """Closes what was last used before that moment of the loop's time."""
        while self._idle and self._idle[0].idle_since < before:
            self._idle.pop(0).abort()

    def close(self) -> None:
        """Closes every connection."""
        for connection in tuple(self._all):
            connection.abort()

    async def _turn(self) -> UpstreamConnection | None:
        """A connection that was given back, or None when a place for a new one is kept: ``_opening`` counts it."""
        while len(self._all) + self._opening >= self.most:
            given = await self._place()
            if given is None or given.is_usable:
                return given
            # It was lost on its way here; whoever is next got its place.
            given.abort()
        self._opening += 1
        return None

    async def _open(self) -> UpstreamConnection:
        """A new connection, at the place that is kept for it."""
        loop = asyncio.get_running_loop()
        try:
            connection = await self._dialer.open(
                self.origin,
                lambda: UpstreamConnection(self._heads, loop, on_free=self._give, on_lost=self._forget),
                proxy=self.proxy,
            )
        except BaseException:
            self._opening -= 1
            self._free_place()
            raise
        self._opening -= 1
        self._all.add(connection)
        if not connection.is_usable:
            connection.abort()
            self._forget(connection)
            raise NoUsableAnswer("connect")
        return connection

    async def _place(self) -> UpstreamConnection | None:
        """A connection that was given back, or None when a place for a new one is kept. Raises NoUsableAnswer."""
        if len(self._waiting) >= MAX_WAITING:
            raise NoUsableAnswer("busy")
        place: asyncio.Future[UpstreamConnection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(WAIT_S):
                return await place
        except TimeoutError:
            self._pass_on(place)
            raise NoUsableAnswer("busy") from None
        except BaseException:
            self._pass_on(place)
            raise

    def _pass_on(self, place: asyncio.Future[UpstreamConnection | None]) -> None:
        """Whoever got a place and no longer wants it hands it to the next one."""
        if place in self._waiting:
            self._waiting.remove(place)
        elif place.done() and not place.cancelled():
            connection = place.result()
            if connection is None:
                self._opening -= 1
                self._free_place()
            elif connection.is_usable:
                self._give(connection)

    def _give(self, connection: UpstreamConnection) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(connection)
                return
        if len(self._idle) >= MAX_IDLE_PER_ORIGIN:
            connection.abort()
            return
        connection.idle_since = connection.last_heard
        self._idle.append(connection)

    def _forget(self, connection: UpstreamConnection) -> None:
        if connection in self._all:
            self._all.remove(connection)
            self._free_place()
        if connection in self._idle:
            self._idle.remove(connection)

    def _free_place(self) -> None:
        """Keeps the place that became free for the first who waits: nobody who comes now may overtake him."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                self._opening += 1
                place.set_result(None)
                return


class Pool:
    """The lanes of all origins. ``most``: connections in each."""

    def __init__(self, limits: Limits, tls: Callable[[], ssl.SSLContext], *, most: int = MAX_PER_ORIGIN) -> None:
        self._most = most
        self._heads = ResponseHeads(limits)
        self._dialer = Dialer(tls, self._heads)
        self._lanes: dict[tuple[Origin, Proxy | None], Lane] = {}

    def lane(self, endpoint: Endpoint) -> Lane:
        """The lane to the origin of ``endpoint``."""
        way = endpoint.origin, endpoint.proxy
        lane = self._lanes.get(way)
        if lane is None:
            lane = Lane(endpoint.origin, self._dialer, self._heads, proxy=endpoint.proxy, most=self._most)
            self._lanes[way] = lane
        return lane

    def bind(self, most: int) -> None:
        """From now on there may be so many connections in each lane; those that are there stay."""
        self._most = most
        for lane in self._lanes.values():
            lane.most = most

    def sweep(self, now: float) -> None:
        """Closes what has been idle too long; called about twice a second. ``now``: the loop's time."""
        for lane in self._lanes.values():
            lane.close_idle(now - IDLE_S)

    def close(self) -> None:
        """Closes every connection."""
        for lane in self._lanes.values():
            lane.close()

    @property
    def size(self) -> int:
        """Open connections, idle ones included."""
        return sum(lane.size for lane in self._lanes.values())
