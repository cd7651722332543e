"""Live events for whoever looks: each viewer has a bounded queue, and one that reads too slowly is let go.

Nothing here waits. What costs something is only done while somebody looks.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

MAX_VIEWERS = 32
MAX_WAITING_BYTES = 1024 * 1024
"""Of one viewer; a viewer that has more waiting is let go."""

ENTRIES_PER_BEAT = 50
"""Requests that are shown live between two beats, half a second apart; the rest is counted. People read no more."""


class TooManyViewers(Exception):
    """All places are taken."""


class Viewer:
    """One who looks. ``is_dropped``: it read too slowly, and gets nothing more."""

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._came = asyncio.Event()
        self.is_dropped = False

    def offer(self, event: bytes) -> None:
        """Takes an event, or drops the viewer."""
        self._bytes += len(event)
        if self._bytes > MAX_WAITING_BYTES:
            self.is_dropped = True
            self._waiting.clear()
        else:
            self._waiting.append(event)
        self._came.set()

    async def next(self) -> bytes:
        """What has come since, in order, as soon as there is something; empty when the viewer is dropped."""
        await self._came.wait()
        self._came.clear()
        events = b"".join(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        return events


class Events:
    """Those who look, and what they are told. ``skipped``: requests that were not shown, since the last beat."""

    def __init__(self) -> None:
        self._viewers: set[Viewer] = set()
        self._left = ENTRIES_PER_BEAT
        self.skipped = 0

    @property
    def wants_more(self) -> bool:
        """Would anybody see a request?"""
        return bool(self._viewers)

    def enter(self) -> Viewer:
        """A new viewer. Raises TooManyViewers."""
        if len(self._viewers) >= MAX_VIEWERS:
            raise TooManyViewers
        viewer = Viewer()
        self._viewers.add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """It looks no more."""
        self._viewers.discard(viewer)

    def follow(self, bodies: Sequence[bytes]) -> None:
        """Shows entries (JSON objects), as many as people can read."""
        if not self._viewers:
            return
        shown = bodies[: self._left]
        self._left -= len(shown)
        self.skipped += len(bodies) - len(shown)
        if shown:
            self._tell(b"".join([rendered("entry", body) for body in shown]))

    def beat(self, state: bytes) -> None:
        """Tells the state (a JSON object), and shows entries again."""
        self._left = ENTRIES_PER_BEAT
        self.skipped = 0
        self._tell(rendered("state", state))

    def _tell(self, event: bytes) -> None:
        for viewer in tuple(self._viewers):
            viewer.offer(event)
            if viewer.is_dropped:
                self._viewers.discard(viewer)


def rendered(kind: str, body: bytes) -> bytes:
    """An event as WHATWG HTML §9.2 writes it; ``body`` is JSON, so there is no line end in it."""
    return b"event: " + kind.encode() + b"\ndata: " + body + b"\n\n"
