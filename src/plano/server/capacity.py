"""How much a gateway takes on at once: beyond it callers are refused at once, and what was accepted is finished."""

from __future__ import annotations

import resource
from collections import Counter

MAX_CONNECTIONS = 10_000
MAX_CONNECTIONS_PER_PEER = 1_000
MAX_REQUESTS = 2_000

_LOOPBACK = ("127.", "::1", "::ffff:127.")


class Capacity:
    """Counts connections and requests in progress, over all listeners.

    ``connections``: in all, at most half of the file descriptors, as every request may need a second one upstream.
    ``per_peer``: of one remote address, loopback excepted. ``requests``: in progress.
    """

    def __init__(
        self,
        *,
        connections: int = MAX_CONNECTIONS,
        per_peer: int = MAX_CONNECTIONS_PER_PEER,
        requests: int = MAX_REQUESTS,
    ) -> None:
        self._max_connections = min(connections, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        self._per_peer = per_peer
        self._max_requests = requests
        self._by_peer: Counter[str] = Counter()
        self.connections = 0
        self.requests = 0

    @property
    def is_full(self) -> bool:
        """Are all places for requests taken?"""
        return self.requests >= self._max_requests

    @property
    def is_over(self) -> bool:
        """Are there more requests than places? Bodies may arrive together though there was room for each of them."""
        return self.requests > self._max_requests

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
