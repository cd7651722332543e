"""Spans for a receiver of OTLP over HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from plano.observe.entry import Entry
from plano.observe.traces import otlp
from plano.observe.traces.exporter import Delivery
from plano.observe.traces.spans import Spans
from plano.observe.traces.template import Templates

AT_ONCE_S = 0.0005
"""Between two turns of the loop: some fifty requests, or a few of a kind that has not been seen yet."""

Post = Callable[[bytes], Awaitable[str | None]]
"""Sends a body to the receiver; what was wrong, None when it was taken."""


class Collector:
    """``post``: to the receiver. ``version``: of the gateway, an attribute of all spans. ``monotonic``: seconds."""

    def __init__(
        self, post: Post, spans: Spans, *, version: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._post = post
        self._monotonic = monotonic
        self._templates = Templates(spans)
        self._version = version

    async def send(self, batch: Sequence[Entry]) -> Delivery:
        """Sends the spans of these requests, as one body."""
        written = await self._written(batch)
        if not written:
            return Delivery(0)
        trouble = await self._post(otlp.request(written, version=self._version))
        return Delivery(len(written) if trouble is None else 0, trouble)

    async def close(self) -> None:
        """Nothing is left open: connections are kept by whoever posts."""

    async def _written(self, batch: Sequence[Entry]) -> list[bytes]:
        written, due = [], self._monotonic() + AT_ONCE_S
        for entry in batch:
            with suppress(Exception):  # what is not taken is counted as dropped
                written.append(self._templates.of(entry))
            if self._monotonic() >= due:
                await asyncio.sleep(0)
                due = self._monotonic() + AT_ONCE_S
        return written
