"""Connections kept for reuse, per origin: the pool decides, its caller connects."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from plano.domain.model import Endpoint, Origin
from plano.http1.limits import Limits
from plano.upstream.connection import UpstreamConnection
from plano.upstream.response import NoUsableAnswer

IDLE_S = 15.0
MAX_IDLE_PER_ORIGIN = 256


class Pool:
    """Idle connections by origin, the last one used first. An idle connection is closed after 15 s."""

    def __init__(self, limits: Limits, tls: Callable[[], ssl.SSLContext]) -> None:
        self._limits = limits
        self._tls = tls
        self._idle: dict[Origin, list[UpstreamConnection]] = {}
        self._all: dict[UpstreamConnection, Origin] = {}

    def take(self, origin: Origin) -> UpstreamConnection | None:
        """An idle connection that may be used now."""
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.is_usable:
                return connection
            connection.abort()
        return None

    async def connect(self, endpoint: Endpoint, *, limit_s: float) -> UpstreamConnection:
        """A new connection. Raises NoUsableAnswer; ``connect_timeout`` counts name, TCP and TLS together."""
        loop, origin = asyncio.get_running_loop(), endpoint.origin
        tls = self._tls() if origin.scheme == "https" else None
        try:
            async with asyncio.timeout(min(limit_s, endpoint.connect_timeout_s)):
                _, connection = await loop.create_connection(
                    lambda: UpstreamConnection(self._limits, loop, on_free=self._give, on_lost=self._forget),
                    origin.host,
                    origin.port,
                    ssl=tls,
                    server_hostname=origin.host if tls is not None else None,
                )
        except TimeoutError:
            raise NoUsableAnswer("connect_timeout") from None
        except (OSError, ssl.SSLError, UnicodeError):
            raise NoUsableAnswer("connect") from None
        if not connection.is_usable:
            connection.abort()
            raise NoUsableAnswer("connect")
        self._all[connection] = origin
        return connection

    def sweep(self, now: float) -> None:
        """Closes what has been idle too long; called about twice a second. ``now``: the loop's time."""
        for idle in self._idle.values():
            while idle and now - idle[0].idle_since > IDLE_S:
                idle.pop(0).abort()

    def close(self) -> None:
        """Closes every connection."""
        for connection in tuple(self._all):
            connection.abort()

    @property
    def size(self) -> int:
        """Open connections, idle ones included."""
        return len(self._all)

    def _give(self, connection: UpstreamConnection) -> None:
        idle = self._idle.setdefault(self._all[connection], [])
        if len(idle) >= MAX_IDLE_PER_ORIGIN:
            connection.abort()
            return
        connection.idle_since = asyncio.get_running_loop().time()
        idle.append(connection)

    def _forget(self, connection: UpstreamConnection) -> None:
        origin = self._all.pop(connection, None)
        idle = self._idle.get(origin) if origin is not None else None
        if idle and connection in idle:
            idle.remove(connection)
