"""Refreshing: what was good is kept, trouble is said once, and nothing ends it but success without an interval."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from plano.errors import FeedError
from plano.upstream.feeds import LONGEST_RETRY_S, Feed, Refresher
from plano.wire.json_guard import LARGE_BYTES

Ending = bytes | Exception


class Clock:
    """Goes on by sleeping; stops whoever sleeps for the ``limit``-th time."""

    def __init__(self, limit: int) -> None:
        self.time = 100.0
        self.slept: list[float] = []
        self._limit = limit

    def monotonic(self) -> float:
        return self.time

    def wall(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        if len(self.slept) >= self._limit:
            raise asyncio.CancelledError


class Source:
    """A feed that ends as told, the last ending for ever; remembers what became of it."""

    def __init__(self, *endings: Ending) -> None:
        self._endings = list(endings)
        self.asked = 0
        self.heard: list[tuple[bytes, float]] = []
        self.doubts = 0
        self.reports: list[tuple[str, str | None]] = []

    async def fetch(self, url: str) -> bytes:
        assert url == "http://feed"
        ending = self._endings[min(self.asked, len(self._endings) - 1)]
        self.asked += 1
        if isinstance(ending, Exception):
            raise ending
        return ending

    def refresher(self, refresh_s: float | None, clock: Clock) -> Refresher[bytes]:
        feed = Feed(
            "feed",
            "http://feed",
            refresh_s,
            parse=_parse,
            heard=lambda said, at: self.heard.append((said, at)),
            doubted=self._doubt,
        )
        return Refresher(
            feed, client=self, clock=clock, jitter=lambda: 1.0, report=lambda *news: self.reports.append(news)
        )

    def _doubt(self) -> None:
        self.doubts += 1


def _parse(body: bytes) -> bytes:
    if body.startswith(b"<"):
        raise FeedError("not JSON")
    if body == b"bug":
        raise ZeroDivisionError
    return body


async def played(source: Source, refresh_s: float | None, rounds: int) -> tuple[Clock, Refresher[bytes]]:
    """The clock and the refresher after so many waits, or at its end."""
    clock = Clock(rounds)
    refresher = source.refresher(refresh_s, clock)
    try:
        await refresher.run()
    except asyncio.CancelledError:
        assert clock.slept
    return clock, refresher


async def test_without_an_interval_once() -> None:
    """Fetched once; after a failure again until it has worked."""
    good = Source(b"1")
    clock, refresher = await played(good, None, 9)
    assert (good.asked, clock.slept, good.heard, refresher.state) == (1, [], [(b"1", 100.0)], "ok")
    late = Source(FeedError("a"), FeedError("b"), b"1")
    clock, refresher = await played(late, None, 9)
    assert (late.asked, clock.slept, refresher.state) == (3, [15.0, 30.0], "ok")


async def test_with_an_interval_again_and_again() -> None:
    """Each answer is handed on with its moment."""
    source = Source(b"1", b"2")
    clock, _ = await played(source, 60.0, 3)
    assert clock.slept == [60.0, 60.0, 60.0]
    assert source.heard == [(b"1", 100.0), (b"2", 160.0), (b"2", 220.0)]


@pytest.mark.parametrize("failure", [FeedError("it answered with status 500"), b"<html>", b"bug", OSError("x")])
async def test_a_failure_keeps_what_was_good(failure: Ending) -> None:
    """Nothing new is heard, the source is doubted, its trouble is reported once, and so is its recovery."""
    source = Source(b"1", failure, failure, b"2")
    _, refresher = await played(source, 5.0, 4)
    assert [said for said, _ in source.heard] == [b"1", b"2"]
    assert (source.doubts, refresher.failures, refresher.trouble, refresher.good_at) == (2, 2, None, 115.0)
    (name, reason), recovery = source.reports
    assert (name, bool(reason), recovery) == ("feed", True, ("feed", None))


async def test_state() -> None:
    """Waiting before anything, failing with the reason, ok."""
    source = Source(FeedError("gone"), b"1")
    refresher = source.refresher(1.0, Clock(9))
    states: list[tuple[str, str | None]] = [(refresher.state, refresher.trouble)]
    for _ in range(2):
        await refresher.refresh()
        states.append((refresher.state, refresher.trouble))
    assert states == [("waiting", None), ("failing", "gone"), ("ok", None)]


@pytest.mark.parametrize(
    ("refresh_s", "waits"),
    [
        (None, [15.0, 30.0, 60.0, 120.0, 240.0, 480.0, LONGEST_RETRY_S, LONGEST_RETRY_S]),
        (100.0, [15.0, 30.0, 60.0, 100.0, 100.0, 100.0, 100.0, 100.0]),
        (2.0, [2.0] * 8),
    ],
)
async def test_waits_after_failures(refresh_s: float | None, waits: Sequence[float]) -> None:
    """Doubling up to a quarter of an hour, and never longer than the interval."""
    clock, _ = await played(Source(FeedError("x")), refresh_s, len(waits))
    assert clock.slept == waits


async def test_a_large_document_is_read_beside_the_loop() -> None:
    """Its parser runs in another thread, the result is heard in this one."""
    threads: list[int] = []
    source = Source(b"x" * (LARGE_BYTES + 1))
    refresher = source.refresher(None, Clock(1))

    def parse(body: bytes) -> bytes:
        threads.append(threading.get_ident())
        return body[:1]

    refresher.feed = replace(refresher.feed, parse=parse)
    await refresher.refresh()
    assert source.heard == [(b"x", 100.0)]
    assert threads != [threading.get_ident()]
