"""Spans on their way: batched, and dropped rather than waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest

from plano.observe.entry import Entry
from plano.observe.traces import exporter as module
from plano.observe.traces.exporter import LARGEST_BATCH, MAX_WAITING, Counts, Delivery, Exporter
from tests.observe.samples import decision, entry, record, tried


def made(number: int = 1, **changes: object) -> Entry:
    """An entry with a span."""
    shown = entry(record(decision("a/b"), tried(("a/b", "200"))))
    return msgspec.structs.replace(shown, span_id=f"{number:016x}", **changes)


class Taker:
    """Whoever takes spans. ``troubles``: of the next batches, None where all is well; raised where they are errors.

    While ``go_on`` is not set, it hangs.
    """

    def __init__(self, *troubles: Exception | str | None) -> None:
        self.troubles = [*troubles]
        self.batches: list[list[str | None]] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.is_closed = False

    async def send(self, batch: Sequence[Entry]) -> Delivery:
        """Takes a batch, or does not."""
        self.batches.append([each.span_id for each in batch])
        await self.go_on.wait()
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, Exception):
            raise trouble
        return Delivery(len(batch) if trouble is None else 0, trouble)

    async def close(self) -> None:
        """Is over."""
        self.is_closed = True


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Delays of a second are shorter here."""
    monkeypatch.setattr(module, "LONGEST_DELAY_S", 0.01)
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)


@asynccontextmanager
async def exporting(taker: Taker, report: Callable[[str], None] = print) -> AsyncIterator[Exporter]:
    """An exporter that is closed."""
    one = Exporter(taker, report=report)
    try:
        yield one
    finally:
        one.close()


async def until(true: Callable[[], bool]) -> None:
    """Comes back when it is so; fails after 20 s."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - what is waited for has no event to give
            await asyncio.sleep(0.001)


async def test_in_batches() -> None:
    """What comes within a second is sent together, and is counted once it was taken."""
    taker = Taker()
    async with exporting(taker) as exporter:
        for number in range(50):
            exporter.take([made(number + 1)])
        await until(lambda: exporter.counts.sent == 50)
    assert [len(batch) for batch in taker.batches] == [50]
    assert exporter.counts == Counts(taken=50, sent=50)


async def test_a_full_batch_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is sent at once; what is left of it waits for the next one."""
    monkeypatch.setattr(module, "LONGEST_DELAY_S", 600.0)
    taker, one = Taker(), made()
    async with exporting(taker) as exporter:
        exporter.take([one] * 10)
        await asyncio.sleep(0)
        exporter.take([one] * (LARGEST_BATCH - 5))
        await until(lambda: exporter.counts.sent == LARGEST_BATCH)
        exporter.take([one] * (LARGEST_BATCH - 5))
        await until(lambda: exporter.counts.sent == 2 * LARGEST_BATCH)


async def test_only_sampled_ones() -> None:
    """A trace whose caller does not record it is not recorded here, nor what has no place in a trace."""
    taker = Taker()
    async with exporting(taker) as exporter:
        exporter.take([made(1, is_sampled=False), made(2), msgspec.structs.replace(made(), span_id=None)])
        await until(lambda: exporter.counts.sent == 1)
    assert taker.batches == [[f"{2:016x}"]]
    exporter.take([made(1, is_sampled=False)])
    assert exporter.counts.taken == 1


async def test_one_that_hangs() -> None:
    """Whoever hands spans over does not wait: what there is no room for is dropped, the first ones are kept."""
    taker, one = Taker(), made()
    taker.go_on.clear()
    async with exporting(taker) as exporter:
        exporter.take([one] * LARGEST_BATCH)
        await until(lambda: len(taker.batches) == 1)
        exporter.take([one] * (MAX_WAITING + 7))
        assert exporter.counts.dropped == 7
        taker.go_on.set()
        await until(lambda: exporter.counts.sent == LARGEST_BATCH + MAX_WAITING)


async def test_trouble_is_counted_and_told_once() -> None:
    """Whether it raises or refuses: the first time it is told, in words that hold no address and no key."""
    taker, told = Taker(ValueError("https://user:key@host"), "503", None), list[str]()
    async with exporting(taker, report=told.append) as exporter:
        for number in (1, 2, 3):
            exporter.take([made(number)])
            await until(lambda number=number: exporter.counts.sent + exporter.counts.dropped == number)  # type: ignore[misc]
    assert (exporter.counts, told) == (Counts(taken=3, sent=1, dropped=2), ["ValueError"])


async def test_a_pause_after_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked again at once; what comes meanwhile waits."""
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 600.0)
    taker, one = Taker("503"), made()
    async with exporting(taker) as exporter:
        exporter.take([one])
        await until(lambda: exporter.counts.dropped == 1)
        exporter.take([one] * LARGEST_BATCH)
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(taker.batches) == 1
        assert exporter.counts.dropped == 1
    assert exporter.counts.dropped == 1 + LARGEST_BATCH


async def test_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits when the gateway ends is still sent, without a delay, and without a pause after trouble."""
    monkeypatch.setattr(module, "LONGEST_DELAY_S", 600.0)
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 600.0)
    taker, one = Taker("503"), made()
    exporter = Exporter(taker)
    exporter.take([one] * (LARGEST_BATCH + 1))
    async with asyncio.timeout(20):
        await exporter.finish()
    assert exporter.counts == Counts(taken=LARGEST_BATCH + 1, sent=1, dropped=LARGEST_BATCH)
    assert taker.is_closed


async def test_the_end_does_not_wait_for_one_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds; what was not taken is counted."""
    monkeypatch.setattr(module, "LAST_WORDS_S", 0.01)
    taker = Taker()
    taker.go_on.clear()
    exporter = Exporter(taker)
    exporter.take([made()] * (LARGEST_BATCH + 3))
    await until(lambda: len(taker.batches) == 1)
    async with asyncio.timeout(20):
        await exporter.finish()
    await until(lambda: exporter.counts.dropped == LARGEST_BATCH + 3)
    assert not taker.is_closed
