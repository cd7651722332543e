"""Records on their way to whoever shows them: in batches, so that no request waits for its own log line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from plano.observe.alike import Alike, alike
from plano.observe.entry import Clerk, Entry
from plano.observe.record import Record

Taken = TypeVar("Taken")

LARGEST_BATCH = 64
"""A batch holds the loop for less than a millisecond."""


class Journal:
    """Takes records, has ``clerk`` make entries of them and hands those on, when the sweep comes or 64 of them wait.

    ``readers`` take each batch of entries, ``counters`` the same entries in groups. One that fails costs nobody an
    answer, and no other its records: they are counted in ``dropped``, and ``report`` is told the first trace id of the
    batch and the defect.
    """

    def __init__(
        self,
        clerk: Clerk,
        readers: Sequence[Callable[[Sequence[Entry]], None]],
        *,
        counters: Sequence[Callable[[Sequence[Alike]], None]] = (),
        report: Callable[[str, BaseException], None] | None = None,
    ) -> None:
        self._clerk = clerk
        self._readers = tuple(readers)
        self._counters = tuple(counters)
        self._report = report
        self._waiting: list[Record] = []
        self.dropped = 0

    def also(self, reader: Callable[[Sequence[Entry]], None]) -> None:
        """From now on ``reader`` takes each batch as well."""
        self._readers = (*self._readers, reader)

    def add(self, record: Record) -> None:
        """Takes one record."""
        self._waiting.append(record)
        if len(self._waiting) >= LARGEST_BATCH:
            self.flush()

    def flush(self) -> None:
        """Hands on what waits; called about twice a second."""
        if self._waiting:
            batch, self._waiting = self._waiting, []
            entries = self._entries(batch)
            if entries:
                self._hand_on(self._readers, entries, entries)
                self._hand_on(self._counters, alike(entries), entries)

    def _entries(self, batch: Sequence[Record]) -> list[Entry]:
        entries = []
        for record in batch:
            try:
                entries.append(self._clerk.enter(record))
            except Exception as defect:
                self._lost(record.trace_id, 1, defect)
        return entries

    def _hand_on(self, takers: Iterable[Callable[[Taken], None]], taken: Taken, entries: Sequence[Entry]) -> None:
        for take in takers:
            try:
                take(taken)
            except Exception as defect:
                self._lost(entries[0].trace_id, len(entries), defect)

    def _lost(self, trace_id: str, records: int, defect: Exception) -> None:
        self.dropped += records
        if self._report is not None:
            self._report(trace_id, defect)
