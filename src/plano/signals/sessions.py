"""Sessions in this process: the least recently used one leaves."""

from __future__ import annotations

from collections import OrderedDict

from plano.domain.session import Binding


class SessionMemory:
    """``plano.ports.SessionStore`` of at most ``limit`` sessions. How old a binding is, is told by itself."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: OrderedDict[bytes, Binding] = OrderedDict()

    async def get(self, key: bytes) -> Binding | None:
        """What the session is bound to."""
        return self._known.get(key)

    async def put(self, key: bytes, binding: Binding, ttl_s: int) -> None:
        """Keeps it, until others were used more recently."""
        self._known[key] = binding
        self._known.move_to_end(key)
        self.shrink(self._limit)

    def shrink(self, limit: int) -> None:
        """From now on keeps at most ``limit``."""
        self._limit = limit
        while len(self._known) > limit:
            self._known.popitem(last=False)
