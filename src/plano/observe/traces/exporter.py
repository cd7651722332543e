"""Hands spans on, beside the requests: in batches, and dropped rather than waited for.

Whoever takes them may be slow, gone or unwilling, and costs callers nothing: what is not taken in time is counted and
forgotten. No thread: on a machine with a free core one that wants the interpreter is woken whenever the event loop
goes to sleep, and finds it gone again; that used to cost a request half of its own time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import msgspec

from plano.observe.entry import Entry

MAX_WAITING = 4_096
"""Requests whose spans wait; 1 KB for each of these, so 4 MB."""

LARGEST_BATCH = 256
LONGEST_DELAY_S = 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
"""After a failure nothing is sent for a second, then two, four … up to half a minute."""

LAST_WORDS_S = 2.0


class Delivery(msgspec.Struct, frozen=True):
    """How many requests of a batch were taken, each with all its spans.

    ``trouble``: why the rest was not, in a word; None where nothing is wrong with whoever takes them.
    """

    taken: int
    trouble: str | None = None


class Outlet(Protocol):
    """Who takes spans, one batch at a time; what it raises is trouble."""

    async def send(self, batch: Sequence[Entry]) -> Delivery:
        """Hands on the spans of these requests; one that cannot be written costs no other."""
        ...

    async def close(self) -> None:
        """Called once, at the end."""
        ...


@dataclass(slots=True)
class Counts:
    """Requests that were to be handed on, and what became of them so far."""

    taken: int = 0
    sent: int = 0
    dropped: int = 0


class Exporter:
    """Hands on what it is given, and counts that in ``counts``. ``report``: told of the first trouble, of no other."""

    def __init__(
        self, outlet: Outlet, *, counts: Counts | None = None, report: Callable[[str], None] = lambda _trouble: None
    ) -> None:
        self._outlet = outlet
        self.counts = counts or Counts()
        self._report = report
        self._has_reported = False
        self._waiting: deque[Entry] = deque()
        self._is_enough = asyncio.Event()
        self._is_ending = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    def take(self, entries: Sequence[Entry]) -> None:
        """Takes the sampled ones of a batch, as far as there is room for them. Never waits."""
        sampled = [entry for entry in entries if entry.is_sampled and entry.span_id is not None]
        room = MAX_WAITING - len(self._waiting)
        self._waiting.extend(sampled[:room])
        self.counts.taken += len(sampled)
        self.counts.dropped += max(0, len(sampled) - room)
        if len(self._waiting) >= LARGEST_BATCH:
            self._is_enough.set()
        if self._sending is None and self._waiting:
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    async def finish(self) -> None:
        """Sends what waits, for two seconds at most; then it is over."""
        self._is_ending.set()
        self._is_enough.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                if self._sending is not None:
                    await asyncio.wait({self._sending})
                with suppress(Exception):
                    await self._outlet.close()
        self.close()

    def close(self) -> None:
        """Forgets what waits."""
        if self._sending is not None:
            self._sending.cancel()
        self.counts.dropped += len(self._waiting)
        self._waiting.clear()

    async def _send_all(self) -> None:
        """Comes back when nothing waits any more."""
        pause = FIRST_PAUSE_S
        while self._waiting:
            batch = await self._batch()
            made = await self._delivered(batch)
            self.counts.sent += made.taken
            self.counts.dropped += len(batch) - made.taken
            if made.trouble is None:
                pause = FIRST_PAUSE_S
            else:
                self._tell(made.trouble)
                await _at_most(pause, self._is_ending)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        self._sending = None

    async def _batch(self) -> list[Entry]:
        """What has come, after a second at the latest; less when the gateway ends."""
        waiting = self._waiting
        if len(waiting) < LARGEST_BATCH and not self._is_ending.is_set():
            self._is_enough.clear()
            await _at_most(LONGEST_DELAY_S, self._is_enough)
        return [waiting.popleft() for _ in range(min(LARGEST_BATCH, len(waiting)))]

    async def _delivered(self, batch: Sequence[Entry]) -> Delivery:
        try:
            return await self._outlet.send(batch)
        except asyncio.CancelledError:
            self.counts.dropped += len(batch)
            raise
        except Exception as defect:
            # Its message may hold an address or a key.
            return Delivery(0, type(defect).__name__)

    def _tell(self, trouble: str) -> None:
        if not self._has_reported:
            self._has_reported = True
            with suppress(Exception):
                self._report(trouble)


async def _at_most(seconds: float, event: asyncio.Event) -> None:
    """Comes back when it happens, or so much later."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
