"""Records on their way: all of them, in order, once, to everybody."""

from __future__ import annotations

from collections.abc import Sequence

from plano.observe.journal import LARGEST_BATCH, Journal
from plano.observe.record import Record


class Reader(list[Record]):
    """Keeps what it is handed, and counts how often."""

    batches = 0

    def __call__(self, records: Sequence[Record]) -> None:
        """Keeps."""
        self.batches += 1
        self.extend(records)


def record(number: int) -> Record:
    """A record that can be told from others."""
    return Record(f"{number:032x}", 200, 0.0)


def test_in_batches() -> None:
    """Nothing is handed on before the sweep, then everything, in order, to each reader; nothing twice."""
    one, other = Reader(), Reader()
    journal = Journal((one, other))
    records = [record(number) for number in range(5)]
    for each in records:
        journal.add(each)
    assert one == []
    journal.flush()
    journal.flush()
    assert one == other == records
    assert one.batches == 1


def test_a_full_batch_does_not_wait() -> None:
    """However much comes between two sweeps, no more than one batch is kept."""
    reader = Reader()
    journal = Journal((reader,))
    for number in range(LARGEST_BATCH + 1):
        journal.add(record(number))
    assert len(reader) == LARGEST_BATCH
