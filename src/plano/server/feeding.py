"""The sources of a configuration and the board they write to: started, watched, stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from plano.assembly import take_up_kept
from plano.catalog.kept import KeptPrices
from plano.clock import jitter
from plano.config.settings import CostSource, LatencySource, Numbers
from plano.domain.catalog import PriceFeed
from plano.observe.exposition import LabelledLive, LabelValues
from plano.observe.label import Labels
from plano.observe.log import Log
from plano.ports import Clock
from plano.signals.board import Board
from plano.upstream.feeds import Feed, Fetch, Refresher
from plano.wire.feeds import PRICE_FORMATS
from plano.wire.feeds.prometheus import parse_prometheus

FIRST_ANSWER_S = 1.0
"""How long the start waits for sources: it has the prices that it kept, or those that came with the package."""

_NOT_YET = "it has not answered yet; kept or shipped numbers count until it does"

LATENCY_FEED = "prometheus"
MAX_FEEDS = 17


class Feeding:
    """Keeps the numbers of ``board`` fresh. ``kept``: the last good prices of an earlier run."""

    def __init__(
        self,
        numbers: Numbers,
        board: Board,
        *,
        client: Fetch,
        clock: Clock,
        kept: KeptPrices,
        log: Log,
    ) -> None:
        self._numbers = numbers
        self._board = board
        self._clock = clock
        self._kept = kept
        self._log = log
        feeds: list[Feed[Any]] = [self._price_feed(place, one) for place, one in enumerate(numbers.cost_sources)]
        if numbers.latency_source is not None:
            feeds.append(self._latency_feed(numbers.latency_source))
        self.refreshers = tuple(
            Refresher(feed, client=client, clock=clock, jitter=jitter, report=self._report) for feed in feeds
        )
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._writing: set[asyncio.Future[bool]] = set()

    async def start(self) -> None:
        """Takes up what was kept, and asks every source; comes back when each has answered, or after a second.

        Sources that take longer are heard when they speak.
        """
        if not self.refreshers:
            return
        self.restore()
        self._tasks = tuple(asyncio.create_task(each.run()) for each in self.refreshers)
        first = [asyncio.create_task(each.asked_once.wait()) for each in self.refreshers]
        _, late = await asyncio.wait(first, timeout=FIRST_ANSWER_S)
        for task in late:
            task.cancel()

    def restore(self) -> bool:
        """Takes up the prices of an earlier run; True when there were some for every source of prices."""
        restored = take_up_kept(self._numbers, self._kept, self._board, self._clock.monotonic())
        return restored == len(self._numbers.cost_sources)

    async def ask_once(self) -> None:
        """Takes up what was kept, asks every source of prices once, and keeps what they say."""
        self.restore()
        prices = self.refreshers[: len(self._numbers.cost_sources)]
        await asyncio.gather(*[each.refresh() for each in prices])
        await asyncio.gather(*self._writing)

    def stop(self) -> None:
        """Asks no more."""
        for task in self._tasks:
            task.cancel()

    @property
    def notes(self) -> list[str]:
        """What an operator should know: every source that fails, and why, or that has not answered yet."""
        said = [(each.feed.name, each.trouble or _NOT_YET) for each in self.refreshers if each.state != "ok"]
        return [f"feed {name}: {trouble}" for name, trouble in said]

    def ages(self) -> Iterable[tuple[LabelValues, float]]:
        """Seconds since each source last said something usable; none for one that never did."""
        now = self._clock.monotonic()
        return self.each(lambda feed: None if feed.good_at is None else now - feed.good_at)

    def each(self, read: Callable[[Refresher[Any]], float | None]) -> Iterable[tuple[LabelValues, float]]:
        """A number of each source, by its name."""
        labels = Labels(limit=MAX_FEEDS)
        found = [((labels.of(one.feed.name),), read(one)) for one in self.refreshers]
        return [(values, number) for values, number in found if number is not None]

    def _price_feed(self, place: int, source: CostSource) -> Feed[PriceFeed]:
        def heard(said: PriceFeed, at: float) -> None:
            self._board.prices.hear(place, said.prices, at=at)
            self._board.photograph(at)
            write = asyncio.get_running_loop().run_in_executor(None, self._kept.write, source.url, said.prices)
            self._writing.add(write)
            write.add_done_callback(self._writing.discard)

        return Feed(
            name=source.name,
            url=source.url,
            refresh_s=source.refresh_s,
            parse=PRICE_FORMATS[source.format],
            heard=heard,
            doubted=partial(self._board.prices.doubt, place),
        )

    def _latency_feed(self, source: LatencySource) -> Feed[dict[str, float]]:
        reported = self._board.reported
        assert reported is not None

        def heard(said: dict[str, float], at: float) -> None:
            reported.hear(said, at=at)
            self._board.photograph(at)

        return Feed(
            name=LATENCY_FEED,
            url=f"{source.url.rstrip('/')}/api/v1/query?{urlencode({'query': source.query})}",
            refresh_s=source.refresh_s,
            parse=parse_prometheus,
            heard=heard,
            doubted=reported.doubt,
        )

    def _report(self, name: str, reason: str | None) -> None:
        if reason is None:
            self._log.line("feed_recovered", feed=name)
        else:
            self._log.line("feed_failed", feed=name, reason=reason, effect="its last good numbers are kept")


def feed_families(feeding: Callable[[], Feeding]) -> tuple[LabelledLive, ...]:
    """The numbers of every source, for Prometheus; ``feeding``: that of now, as a reload makes another."""
    return (
        LabelledLive(
            "plano_feed_age_seconds",
            "Seconds since a source last said something usable.",
            ("feed",),
            lambda: feeding().ages(),
        ),
        LabelledLive(
            "plano_feed_failures_total",
            "Fetches of a source that failed.",
            ("feed",),
            lambda: feeding().each(lambda feed: feed.failures),
            kind="counter",
        ),
        LabelledLive(
            "plano_feed_failing",
            "Did the last fetch of a source fail?",
            ("feed",),
            lambda: feeding().each(lambda feed: int(feed.trouble is not None)),
        ),
    )
