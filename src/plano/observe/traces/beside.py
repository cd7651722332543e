"""Whoever takes spans and blocks meanwhile, in a thread of its own: it may hang for good, and nobody waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from plano.observe.entry import Entry
from plano.observe.traces.exporter import Delivery

Made = TypeVar("Made")


class Blocking(Protocol):
    """Takes spans as an ``Outlet`` does, but holds up its thread until it has."""

    def send(self, batch: Sequence[Entry]) -> Delivery:
        """Hands on the spans of these requests; one that cannot be written costs no other."""
        ...

    def close(self) -> None:
        """Called once, at the end."""
        ...


class Beside:
    """An ``Outlet`` that has ``outlet`` do its work in a thread. ``settle``: called there before it begins."""

    def __init__(self, outlet: Blocking, *, settle: Callable[[], None] = lambda: None) -> None:
        self._outlet = outlet
        self._settle = settle
        self._asked: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def send(self, batch: Sequence[Entry]) -> Delivery:
        """What became of the batch; raises what ``outlet`` raises."""
        if self._thread is None:
            # Not one of an executor's: the end of the process would wait for one that hangs.
            self._thread = threading.Thread(target=self._run, name="plano-traces", daemon=True)
            self._thread.start()
        return await self._done(partial(self._outlet.send, batch))

    async def close(self) -> None:
        """Comes back when ``outlet`` is closed, and its thread is at its end."""
        if self._thread is not None:
            try:
                await self._done(self._outlet.close)
            finally:
                self._asked.put(None)

    async def _done(self, work: Callable[[], Made]) -> Made:
        future: Future[Made] = Future()
        self._asked.put((work, future))
        return await asyncio.wrap_future(future)

    def _run(self) -> None:
        self._settle()
        while (asked := self._asked.get()) is not None:
            work, future = asked
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except Exception as defect:
                    future.set_exception(defect)
