"""Spans for a receiver of OTLP over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from plano.observe.entry import Entry
from plano.observe.traces import otlp
from plano.observe.traces.exporter import Delivery
from plano.observe.traces.spans import Spans
from plano.observe.traces.template import Templates

WRITTEN_AT_ONCE = 32
"""Requests between two turns of the loop: some 0.3 ms."""

Post = Callable[[bytes], Awaitable[str | None]]
"""Sends a body to the receiver; what was wrong, None when it was taken."""


class Collector:
    """``post``: to the receiver. ``version``: of the gateway, an attribute of all spans."""

    def __init__(self, post: Post, spans: Spans, *, version: str) -> None:
        self._post = post
        self._templates = Templates(spans)
        self._version = version

    async def send(self, batch: Sequence[Entry]) -> Delivery:
        """Sends the spans of these requests, as one body."""
        written: list[bytes] = []
        for place in range(0, len(batch), WRITTEN_AT_ONCE):
            written += self._written(batch[place : place + WRITTEN_AT_ONCE])
            await asyncio.sleep(0)
        if not written:
            return Delivery(0)
        trouble = await self._post(otlp.request(written, version=self._version))
        return Delivery(len(written) if trouble is None else 0, trouble)

    async def close(self) -> None:
        """Nothing is left open: connections are kept by whoever posts."""

    def _written(self, entries: Sequence[Entry]) -> list[bytes]:
        written = []
        for entry in entries:
            try:
                written.append(self._templates.of(entry))
            except Exception:  # noqa: S112 - what is not taken is counted as dropped
                continue
        return written
