"""How much a gateway takes on at once: beyond it callers are refused at once, and what was accepted is finished."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter, deque
from contextlib import suppress
from typing import Final

from plano.config.settings import Bounds

WAIT_S = 1.0
MAX_BODY_BYTES = 512 * 1024 * 1024

OWN_DESCRIPTORS = 64
"""Listeners, files, the router's threads, stores and sources: about 20 of them, and more while something is read."""

_LOOPBACK = ("127.", "::1", "::ffff:127.")
_USUAL: Final = Bounds()


def room_for(connections: int) -> int:
    """How many connections of callers a process can have of ``connections`` that it may have.

    Each may need a second descriptor upstream. The process takes as many descriptors as that needs and the system
    lets it have.
    """
    needed = 2 * connections + OWN_DESCRIPTORS
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != now < needed:
        allowed = needed if most == resource.RLIM_INFINITY else min(needed, most)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return _reachable(connections)


def _reachable(connections: int) -> int:
    """As many of them as there are pairs of descriptors that the process does not need itself, at least one."""
    now = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return connections if now == resource.RLIM_INFINITY else min(connections, max(1, (now - OWN_DESCRIPTORS) // 2))


class Capacity:
    """Counts connections, requests in progress and the bodies they hold, over all listeners.

    ``connections``: in all, at most half of the file descriptors that the process does not need itself, as every
    request may need a second one upstream.
    ``per_peer``: of one remote address, loopback excepted. ``requests``: in progress, in ``places``; up to ``waiting``
    more wait for a place, at most 1 s. ``body_bytes``: of all bodies that do not come with their heads, to 4 KiB each.
    """

    def __init__(
        self,
        *,
        connections: int = _USUAL.connections,
        per_peer: int = _USUAL.per_address,
        requests: int = _USUAL.requests,
        waiting: int = _USUAL.waiting,
        body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._bind(connections, per_peer, requests, waiting)
        self._max_body_bytes = body_bytes
        self._by_peer: Counter[str] = Counter()
        self._waiting: deque[asyncio.Future[bool]] = deque()
        self.connections = 0
        self.requests = 0
        self.body_bytes = 0

    @classmethod
    def of(cls, bounds: Bounds) -> Capacity:
        """As configured."""
        return cls(
            connections=bounds.connections,
            per_peer=bounds.per_address,
            requests=bounds.requests,
            waiting=bounds.waiting,
        )

    def follow(self, bounds: Bounds) -> None:
        """Goes on under other bounds. Who is there stays; of descriptors more are taken, where the system has them."""
        room_for(bounds.connections)
        self._bind(bounds.connections, bounds.per_address, bounds.requests, bounds.waiting)
        self._pass_on()

    def _bind(self, connections: int, per_peer: int, requests: int, waiting: int) -> None:
        self._max_connections = _reachable(connections)
        self._per_peer = per_peer
        self.places = requests
        self._max_waiting = waiting

    @property
    def is_full(self) -> bool:
        """Are all places for requests taken, those for waiting included?"""
        return self.requests >= self.places + self._max_waiting

    def enter(self, peer: str) -> bool:
        """May a connection from this address be kept? It is counted when it may."""
        if self.connections >= self._max_connections:
            return False
        if not peer.startswith(_LOOPBACK) and self._by_peer[peer] >= self._per_peer:
            return False
        self._by_peer[peer] += 1
        self.connections += 1
        return True

    def leave(self, peer: str) -> None:
        """A counted connection is gone."""
        self.connections -= 1
        self._by_peer[peer] -= 1
        if self._by_peer[peer] <= 0:
            del self._by_peer[peer]

    def hold(self, size: int) -> bool:
        """Counts ``size`` more bytes of a body; False when they are too many in all, and must be given up."""
        self.body_bytes += size
        return self.body_bytes <= self._max_body_bytes

    async def place(self) -> bool:
        """Waits until one of the requests in progress has ended; False when none has for 1 s, or too many wait."""
        if len(self._waiting) >= self._max_waiting:
            return False
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(turn)
        # Of several that came at once each saw all of them: there may be places left.
        self._pass_on()
        alarm = loop.call_later(WAIT_S, _settle, turn, False)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()
            raise
        finally:
            alarm.cancel()
            if turn in self._waiting:
                self._waiting.remove(turn)

    def ended(self) -> None:
        """A request in progress is over, or one that waited has given up."""
        self.requests -= 1
        if self._waiting:
            self._pass_on()

    def _pass_on(self) -> None:
        """Gives places that are free to those who wait: who leaves the queue has none to give."""
        alive = deque([turn for turn in self._waiting if not turn.done()])
        while alive and self.requests - len(alive) < self.places:
            alive.popleft().set_result(True)
        self._waiting = alive


def _settle(turn: asyncio.Future[bool], is_given: bool) -> None:
    if not turn.done():
        turn.set_result(is_given)
