"""Hands spans on, beside the event loop: in batches, and dropped rather than waited for.

Whoever takes them may be slow, gone or unwilling, and costs callers nothing: what is not taken in time is counted and
forgotten.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec

from plano.observe.entry import Entry

MAX_WAITING = 64
"""Batches that wait, of at most 64 requests each; 1 KB for each of these, so 4 MB."""

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
    """Who takes spans. Only the exporter's thread calls it, and waits for it; what it raises is trouble."""

    def send(self, batch: Sequence[Entry]) -> Delivery:
        """Hands on the spans of these requests; one that cannot be written costs no other."""
        ...

    def close(self) -> None:
        """Called once, at the end."""
        ...


class Exporter:
    """A thread that hands on what it is given. ``taken``, ``sent``, ``dropped`` count requests.

    ``settle``: called in the thread before it begins. ``report``: told of the first trouble, and of no other.
    """

    def __init__(
        self,
        outlet: Outlet,
        *,
        settle: Callable[[], None] = lambda: None,
        report: Callable[[str], None] = lambda _trouble: None,
    ) -> None:
        self._outlet = outlet
        self._settle = settle
        self._report = report
        self._has_reported = False
        self._waiting: queue.Queue[Sequence[Entry] | None] = queue.Queue(MAX_WAITING)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self.taken = 0
        self.sent = 0
        self.dropped = 0

    def take(self, entries: Sequence[Entry]) -> None:
        """Takes the sampled ones of a batch if there is room for it. Never waits."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="plano-traces", daemon=True)
            self._thread.start()
        sampled = [entry for entry in entries if entry.is_sampled and entry.span_id is not None]
        if sampled:
            self.taken += len(sampled)
            try:
                self._waiting.put_nowait(sampled)
            except queue.Full:
                self.dropped += len(sampled)

    def close(self) -> None:
        """Sends what waits, for two seconds at most."""
        self._closing.set()
        if self._thread is not None:
            with suppress(queue.Full):
                self._waiting.put_nowait(None)
            self._thread.join(LAST_WORDS_S)

    def _run(self) -> None:
        self._settle()
        pause = FIRST_PAUSE_S
        while not (self._closing.is_set() and self._waiting.empty()):
            batch = self._batch()
            if not batch:
                continue
            made = self._delivered(batch)
            self.sent += made.taken
            self.dropped += len(batch) - made.taken
            if made.trouble is None:
                pause = FIRST_PAUSE_S
            else:
                self._tell(made.trouble)
                self._closing.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        with suppress(Exception):
            self._outlet.close()

    def _delivered(self, batch: Sequence[Entry]) -> Delivery:
        try:
            return self._outlet.send(batch)
        except Exception as defect:
            # Its message may hold an address or a key.
            return Delivery(0, type(defect).__name__)

    def _tell(self, trouble: str) -> None:
        if not self._has_reported:
            self._has_reported = True
            with suppress(Exception):
                self._report(trouble)

    def _batch(self) -> list[Entry]:
        """What has come, after a second at the latest; less when the gateway ends."""
        batch: list[Entry] = []
        due = time.monotonic() + LONGEST_DELAY_S
        with suppress(queue.Empty):
            while len(batch) < LARGEST_BATCH:
                wait_s = 0.0 if self._closing.is_set() else due - time.monotonic()
                entries = self._waiting.get(timeout=max(0.0, wait_s))
                if entries is None:
                    break
                batch += entries
        return batch
