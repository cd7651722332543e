"""Records on their way: all of them, in order, once, to everybody."""

from __future__ import annotations

from collections.abc import Sequence

from plano.domain.usage import Usage
from plano.observe.alike import Alike
from plano.observe.clerk import Clerk
from plano.observe.entry import Entry
from plano.observe.journal import LARGEST_BATCH, Journal
from plano.observe.record import Record

CLERK = Clerk(lambda: 0.0, lambda: 0.0, b"k")


class Reader(list[str]):
    """Keeps what it is handed, and counts how often."""

    batches = 0

    def __call__(self, entries: Sequence[Entry]) -> None:
        """Keeps their ids."""
        self.batches += 1
        self.extend(entry.trace_id for entry in entries)


def record(number: int) -> Record:
    """A record that can be told from others."""
    return Record(f"{number:032x}", 200, 0.0)


def test_in_batches() -> None:
    """Nothing is handed on before the sweep, then everything, in order, to each reader; nothing twice."""
    one, other = Reader(), Reader()
    journal = Journal(CLERK, (one, other))
    records = [record(number) for number in range(5)]
    for each in records:
        journal.add(each)
    assert one == []
    journal.flush()
    journal.flush()
    assert one == other == [each.trace_id for each in records]
    assert one.batches == 1


def test_a_full_batch_does_not_wait() -> None:
    """However much comes between two sweeps, no more than one batch is kept."""
    reader = Reader()
    journal = Journal(CLERK, (reader,))
    for number in range(LARGEST_BATCH + 1):
        journal.add(record(number))
    assert len(reader) == LARGEST_BATCH


def test_records_are_let_go_at_once() -> None:
    """What they hold of their requests is: an entry is made of each, long before it is handed on."""
    answer = [Usage(1, 2)]
    journal = Journal(CLERK, ())
    journal.add(Record("1", 200, 0.0, usage=answer.pop))
    assert answer == []


def test_counters_take_groups_of_the_same_entries() -> None:
    """All that readers take, those that are alike together, each group at the place of its first one."""
    groups, reader = list[Alike](), Reader()
    journal = Journal(CLERK, (reader,), counters=(groups.extend,))
    for number, status in enumerate((200, 404, 200, 404, 200)):
        journal.add(Record(f"{number}", status, 0.0))
    journal.flush()
    assert reader == ["0", "1", "2", "3", "4"]
    assert [[entry.trace_id for entry in group.entries] for group in groups] == [["0", "2", "4"], ["1", "3"]]


def test_a_reader_that_fails_costs_nobody_anything() -> None:
    """The other readers get every record; what was lost is counted, and said with the first id of the batch."""

    def broken(entries: Sequence[Entry]) -> None:
        raise OSError("disk full")

    said: list[tuple[str, str]] = []
    reader = Reader()
    journal = Journal(CLERK, (broken, reader), report=lambda trace_id, defect: said.append((trace_id, str(defect))))
    for number in range(3):
        journal.add(record(number))
    journal.flush()
    assert len(reader) == journal.dropped == 3
    assert said == [(f"{0:032x}", "disk full")]


def test_nothing_is_dropped_while_readers_work() -> None:
    """The count stays 0."""
    journal = Journal(CLERK, (Reader(),))
    journal.add(record(1))
    journal.flush()
    assert journal.dropped == 0


def test_a_record_that_cannot_be_entered_costs_no_other() -> None:
    """What a provider's count does when it is asked is that record's trouble alone."""

    def fail() -> None:
        raise RuntimeError

    reader, groups = Reader(), list[Alike]()
    said: list[str] = []
    journal = Journal(
        CLERK, (reader,), counters=(groups.extend,), report=lambda trace_id, _defect: said.append(trace_id)
    )
    journal.add(Record("bad", 200, 0.0, usage=fail))
    journal.flush()
    journal.add(Record("bad", 200, 0.0, usage=fail))
    journal.add(record(1))
    journal.flush()
    assert reader == [f"{1:032x}"]
    assert said == ["bad", "bad"]
    assert journal.dropped == 2
    assert [len(group.entries) for group in groups] == [1]
