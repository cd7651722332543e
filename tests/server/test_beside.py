"""What one worker answers the first one shows, and none is lost unseen."""

from __future__ import annotations

from plano.observe.clerk import Clerk
from plano.observe.entry import Entry
from plano.observe.gathering import pair
from plano.observe.journal import Journal
from plano.observe.record import Record
from plano.server.beside import Beside
from plano.server.capacity import Capacity
from tests.waiting import came

CLERK = Clerk(lambda: 0.0, lambda: 0.0, b"k")


async def test_the_first_one_shows_what_another_answers() -> None:
    """Its entries, and how busy it is; the first one tells nobody."""
    shown: list[Entry] = []
    reads, writes = pair()
    first, other = Beside(Capacity(), shown.extend), Beside(busy := Capacity(), shown.extend)
    journal, own = Journal(CLERK, ()), Journal(CLERK, ())
    with reads, writes:
        first.stand((reads, writes), 0, own)
        other.stand((reads, writes), 1, journal)
        busy.connections, busy.requests = 3, 2
        for each in (journal, own):
            each.add(Record("1" * 32, 200, 0.0, stages={}))
            each.flush()
        other.beat()
        first.beat()
        await came(lambda: first.others.workers)
        assert [one.trace_id for one in shown] == ["1" * 32]
        assert (first.others.connections, first.others.requests) == (3, 2)
        assert first.untold == other.untold == 0


async def test_what_nobody_reads_is_counted() -> None:
    """A first worker that stands still holds nobody up; what it was not told is known."""
    reads, writes = pair()
    other, journal = Beside(Capacity(), lambda _entries: None), Journal(CLERK, ())
    with reads, writes:
        other.stand((reads, writes), 1, journal)
        for _ in range(200):
            for _ in range(100):
                journal.add(Record("1" * 32, 200, 0.0, stages={}))
            journal.flush()
        assert other.untold > 0


async def test_alone() -> None:
    """There is nobody to be told, and nothing is lost."""
    alone = Beside(Capacity(), lambda _entries: None)
    alone.beat()
    assert (alone.untold, alone.others.workers) == (0, 0)
