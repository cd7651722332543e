"""A clock that jumps over waiting: limits of minutes are tested in milliseconds, in their true proportions.

Everything of a test (callers, gateway, providers) runs on one event loop over real sockets. Whenever nothing is left to
do but wait, the clock is moved to the next timer. Time does not run while there is work: a machine that is slow, or
stands still, uses up nobody's limit.
"""

from __future__ import annotations

import asyncio
import itertools
import selectors
import socket
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from plano import clock

GRACE_S = 0.002
"""Real seconds of silence before the clock jumps: what is on its way through the loopback device arrives before."""

TICK_S = 1e-6
"""By so much the clock moves each time it is read: no two moments are the same."""

MOST_GRACES = 10
"""A grace after which the process is woken late says nothing: others had the processor, the network's own work waited
as well, and what it holds is no silence of a provider. It is repeated, so often at most."""

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Waits no longer than the grace; a wait in which nothing came is added to ``skipped``."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None:
            return super().select(None)
        for _ in range(MOST_GRACES):
            began = time.perf_counter()
            ready = super().select(min(timeout, GRACE_S))
            if ready or time.perf_counter() - began < 2 * GRACE_S:
                break
        if not ready:
            self.skipped += timeout
        return ready


class TimelapseLoop(asyncio.SelectorEventLoop):
    """An event loop without threads: their work is done at once, so that no time can be skipped beside it.

    Names are not looked up: ``missing.invalid`` is not found, ``slow.invalid`` never comes to an end. ``asked`` holds
    every name.
    """

    def __init__(self, selector: selectors.BaseSelector) -> None:
        super().__init__(selector)
        self.asked: list[str] = []

    def run_in_executor(  # type: ignore[override]
        self, _executor: Executor | None, work: Callable[..., T], *arguments: Any
    ) -> asyncio.Future[T]:
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(work(*arguments))
        except Exception as error:
            done.set_exception(error)
        return done

    async def getaddrinfo(self, host: Any, port: Any, **how: Any) -> Any:
        self.asked.append(str(host))
        if host == "slow.invalid":
            await asyncio.Event().wait()
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "not found")
        return socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST, type=socket.SOCK_STREAM)


@contextmanager
def timelapse() -> Iterator[TimelapseLoop]:
    """A loop whose clocks (monotonic and wall) jump over waiting; all of the product's clocks follow."""
    selector, ticks = _Selector(), itertools.count()
    monotonic, wall = time.monotonic(), time.time()

    def passed() -> float:
        return selector.skipped + next(ticks) * TICK_S

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: monotonic + passed())
        patch.setattr(time, "time", lambda: wall + passed())
        patch.setattr(clock.SystemClock, "monotonic", staticmethod(time.monotonic))
        patch.setattr(clock.SystemClock, "wall", staticmethod(time.time))
        loop = TimelapseLoop(selector)
        try:
            yield loop
        finally:
            loop.close()


def run_in_timelapse(work: Callable[[TimelapseLoop], Coroutine[Any, Any, T]]) -> T:
    """The result of a coroutine on such a loop."""
    with timelapse() as loop:
        return loop.run_until_complete(work(loop))
