"""Spans on their way: batched, and dropped rather than waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec
import pytest

from plano.observe.entry import Entry
from plano.observe.traces import exporter as module
from plano.observe.traces.collector import Collector
from plano.observe.traces.exporter import Delivery, Exporter
from plano.observe.traces.spans import Spans
from tests.observe.samples import decision, entry, record, tried

from .receiver import receiving


def made(number: int = 1, **changes: object) -> Entry:
    """An entry with a span."""
    shown = entry(record(decision("a/b"), tried(("a/b", "200"))))
    return msgspec.structs.replace(shown, span_id=f"{number:016x}", **changes)


def collector(url: str) -> Collector:
    """A receiver at that address."""
    return Collector(url, Spans({"env": "test"}), version="1.2.3")


@contextmanager
def exporting(url: str) -> Iterator[Exporter]:
    """An exporter that is closed."""
    one = Exporter(collector(url))
    try:
        yield one
    finally:
        one.close()


def until(true: Callable[[], bool]) -> None:
    """Comes back when it is so; fails after 20 s."""
    due = time.monotonic() + 20
    while not true():
        assert time.monotonic() < due
        time.sleep(0.01)


def test_spans_arrive() -> None:
    """Ids, times and parents as the request had them, with the attributes of the configuration."""
    with receiving() as receiver, exporting(receiver.url) as exporter:
        exporter.take([made()])
        request, *children = receiver.spans(3)
        assert (request.span_id, request.kind, request.error) == (f"{1:016x}", "server", None)
        assert (request.began_ns, request.ended_ns) == (12_000_000_000, 12_500_000_000)
        assert {child.parent_id for child in children} == {request.span_id}
        assert request.attributes["env"] == "test"
        until(lambda: exporter.sent == 1)


def test_in_batches() -> None:
    """What comes together is sent together."""
    with receiving() as receiver, exporting(receiver.url) as exporter:
        exporter.take([made(number) for number in range(1, 51)])
        assert len(receiver.batches.get(timeout=20)) >= 50


def test_only_sampled_ones() -> None:
    """A trace whose caller does not record it is not recorded here."""
    with receiving() as receiver, exporting(receiver.url) as exporter:
        exporter.take([made(1, is_sampled=False), made(2)])
        assert {span.span_id for span in receiver.spans(3) if span.kind == "server"} == {f"{2:016x}"}


@pytest.mark.parametrize("status", [400, 429, 503])
def test_a_receiver_that_refuses(status: int) -> None:
    """What it refuses is dropped and counted."""
    with receiving() as receiver, exporting(receiver.url) as exporter:
        receiver.status = status
        exporter.take([made()])
        until(lambda: exporter.dropped == 1)
        assert exporter.sent == 0


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dropped, and tried again later."""
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    with exporting("http://127.0.0.1:1") as exporter:
        exporter.take([made()])
        until(lambda: exporter.dropped == 1)
        exporter.take([made()])
        until(lambda: exporter.dropped == 2)


def test_a_receiver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever hands spans over does not wait: what there is no room for is dropped."""
    monkeypatch.setattr(module, "MAX_WAITING", 10)
    with receiving() as receiver, exporting(receiver.url) as exporter:
        receiver.go_on.clear()
        for _ in range(600):
            exporter.take([made()])
        assert exporter.dropped >= 600 - 10 - module.LARGEST_BATCH * 2
        receiver.go_on.set()


def test_last_words() -> None:
    """What waits when the gateway ends is still sent."""
    with receiving() as receiver:
        exporter = Exporter(collector(receiver.url))
        exporter.take([made()])
        exporter.close()
        assert exporter.sent == 1
        assert not receiver.batches.empty()


class Unwilling:
    """Whoever takes spans, and raises or refuses as it is told."""

    def __init__(self, *troubles: Exception | str | None) -> None:
        self.troubles = [*troubles]
        self.is_closed = False

    def send(self, batch: Sequence[Entry]) -> Delivery:
        """The next trouble; none is well."""
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, Exception):
            raise trouble
        return Delivery(len(batch) if trouble is None else 0, trouble)

    def close(self) -> None:
        """Is over."""
        self.is_closed = True


def test_trouble_is_counted_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it raises or refuses: the first time it is told, in a word that holds no address and no key."""
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    outlet = Unwilling(ValueError("https://user:key@host"), "503", None)
    told: list[str] = []
    exporter = Exporter(outlet, report=told.append)
    for number in (1, 2, 3):
        exporter.take([made(number)])
        until(lambda number=number: exporter.sent + exporter.dropped == number)  # type: ignore[misc]
    assert (exporter.sent, exporter.dropped, told) == (1, 2, ["ValueError"])
    exporter.close()
    assert outlet.is_closed
