"""Records on their way to whoever shows them: in batches, so that no request waits for its own log line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from plano.observe.alike import Alike
from plano.observe.clerk import Batch, Clerk
from plano.observe.entry import Entry
from plano.observe.record import Record

Taken = TypeVar("Taken")

LARGEST_BATCH = 64
"""A batch holds the loop for less than a millisecond."""


class Journal:
    """Takes records, has ``clerk`` make entries of them and hands those on, when the sweep comes or 64 of them wait.

    An entry is made at once: a record holds much of its request, which would else be in the processor's caches in place
    of what the next request needs. ``clerk`` may be replaced by another one after a flush.

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
        self.clerk = clerk
        self._readers = tuple(readers)
        self._counters = tuple(counters)
        self._report = report
        self._batch: Batch | None = None
        self.dropped = 0

    def also(self, reader: Callable[[Sequence[Entry]], None]) -> None:
        """From now on ``reader`` takes each batch as well."""
        self._readers = (*self._readers, reader)

    def add(self, record: Record) -> None:
        """Takes one record."""
        batch = self._batch = self._batch or self.clerk.batch()
        try:
            batch.enter(record)
        except Exception as defect:
            self._lost(record.trace_id, 1, defect)
        if len(batch.entries) >= LARGEST_BATCH:
            self.flush()

    def flush(self) -> None:
        """Hands on what waits; called about twice a second."""
        batch, self._batch = self._batch, None
        if batch is not None and batch.entries:
            self._hand_on(self._readers, batch.entries, batch.entries)
            self._hand_on(self._counters, batch.groups, batch.entries)

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
