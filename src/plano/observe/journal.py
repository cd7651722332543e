"""Records on their way to whoever keeps them: handed over in batches, so that no request waits for its own log line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plano.observe.record import Record

LARGEST_BATCH = 64
"""Log, metrics and kept records take 12 µs for each record: a batch holds the loop for less than a millisecond."""


class Journal:
    """Takes records and hands them on, at the latest when the sweep comes or 64 of them wait.

    A reader that fails costs nobody an answer, and no other reader its records: they are counted in ``dropped``, and
    ``report`` is told the first trace id of the batch and the defect.
    """

    def __init__(
        self,
        readers: Sequence[Callable[[Sequence[Record]], None]],
        *,
        report: Callable[[str, BaseException], None] | None = None,
    ) -> None:
        self._readers = tuple(readers)
        self._report = report
        self._waiting: list[Record] = []
        self.dropped = 0

    def add(self, record: Record) -> None:
        """Takes one record."""
        self._waiting.append(record)
        if len(self._waiting) >= LARGEST_BATCH:
            self.flush()

    def flush(self) -> None:
        """Hands on what waits; called about twice a second."""
        if self._waiting:
            batch, self._waiting = self._waiting, []
            for reader in self._readers:
                try:
                    reader(batch)
                except Exception as defect:
                    self.dropped += len(batch)
                    if self._report is not None:
                        self._report(batch[0].trace_id, defect)
