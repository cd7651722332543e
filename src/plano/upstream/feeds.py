"""Keeping live numbers fresh: each source is asked again and again, and what it said last outlives its failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from plano.errors import FeedError
from plano.ports import Clock
from plano.wire.json_guard import LARGE_BYTES

FIRST_RETRY_S = 15.0
LONGEST_RETRY_S = 900.0

T = TypeVar("T")


class Fetch(Protocol):
    """Gets a document."""

    async def fetch(self, url: str) -> bytes:
        """The document. Raises FeedError."""
        ...


@dataclass(frozen=True, slots=True)
class Feed(Generic[T]):
    """A source of numbers. ``refresh_s``: seconds between two fetches, None fetches until it once worked.

    ``parse``: what a document says; raises FeedError. ``heard`` is told what that is and the moment (monotonic
    seconds), ``doubted`` that the source failed.
    """

    name: str
    url: str
    refresh_s: float | None
    parse: Callable[[bytes], T]
    heard: Callable[[T, float], None]
    doubted: Callable[[], None]


State = Literal["waiting", "ok", "failing"]


class Refresher(Generic[T]):
    """Asks one feed as often as it wants to be asked.

    ``report`` is told when the feed begins to fail, with the reason, and when it is well again (None): once each.
    ``failures``: how many fetches failed. ``good_at``: the last good one, monotonic seconds, None before it.
    ``jitter``: a factor around 1, so that many gateways do not ask in step.
    """

    def __init__(
        self,
        feed: Feed[T],
        *,
        client: Fetch,
        clock: Clock,
        jitter: Callable[[], float],
        report: Callable[[str, str | None], None],
    ) -> None:
        self.feed = feed
        self.trouble: str | None = None
        self.failures = 0
        self.good_at: float | None = None
        self.asked_once = asyncio.Event()
        self._client = client
        self._clock = clock
        self._jitter = jitter
        self._report = report
        self._failed_in_a_row = 0

    @property
    def state(self) -> State:
        """How the feed does."""
        if self.trouble is not None:
            return "failing"
        return "waiting" if self.good_at is None else "ok"

    async def run(self) -> None:
        """Asks until there is nothing more to ask for; cancel it to stop."""
        while True:
            wait = await self.refresh()
            self.asked_once.set()
            if wait is None:
                return
            await self._clock.sleep(wait)

    async def refresh(self) -> float | None:
        """Asks now; the seconds until it should be asked again, None when never. Never raises for the feed's sake."""
        try:
            self.feed.heard(await self._read(await self._client.fetch(self.feed.url)), self._clock.monotonic())
        except FeedError as error:
            return self._note_failure(error.message)
        except Exception as defect:
            # A defect of ours in reading one source must not end the refreshing of prices for good.
            return self._note_failure(f"it could not be read ({type(defect).__name__})")
        self.good_at = self._clock.monotonic()
        self._failed_in_a_row = 0
        if self.trouble is not None:
            self.trouble = None
            self._report(self.feed.name, None)
        return None if self.feed.refresh_s is None else self.feed.refresh_s * self._jitter()

    async def _read(self, body: bytes) -> T:
        """What a document says; a large one is read beside the loop."""
        if len(body) <= LARGE_BYTES:
            return self.feed.parse(body)
        return await asyncio.get_running_loop().run_in_executor(None, self.feed.parse, body)

    def _note_failure(self, reason: str) -> float:
        self.failures += 1
        self._failed_in_a_row += 1
        self.feed.doubted()
        is_news = self.trouble is None
        self.trouble = reason
        if is_news:
            self._report(self.feed.name, reason)
        backoff = min(FIRST_RETRY_S * 2.0 ** min(self._failed_in_a_row - 1, 10), LONGEST_RETRY_S)
        return min(backoff, self.feed.refresh_s or backoff) * self._jitter()
