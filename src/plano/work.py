"""A request without a task: its coroutine begins at once, and goes on in the very call that brings what it waits for.

A task would wait for a turn of the loop to begin and for another one each time it goes on. Here the call that read the
last byte of a request sends it upstream, and the call that read the answer writes it to the caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any


class Bell:
    """What one coroutine at a time waits for, as often as it likes. A ring that nobody waits for is lost.

    Whoever waits goes on before ``ring`` returns: ringing is the last thing to do. Inside a task, too, it can be waited
    for; the loop then goes on with it.
    """

    __slots__ = ("goes_on",)

    def __init__(self) -> None:
        self.goes_on: Callable[[], object] | None = None

    def __await__(self) -> Generator[Any, None, None]:
        if asyncio.current_task() is None:
            yield self
            return
        rung = asyncio.get_running_loop().create_future()
        self.goes_on = partial(_settle, rung)
        try:
            yield from rung
        finally:
            self.goes_on = None

    def ring(self) -> None:
        """Goes on with whoever waits."""
        goes_on = self.goes_on
        if goes_on is not None:
            self.goes_on = None
            goes_on()


class Work:
    """Runs a coroutine outside of any task. It may wait for a Bell, for a future, and so for a task.

    What asks for the current task (``asyncio.timeout``) needs one: it is awaited as ``loop.create_task(...)``.
    """

    __slots__ = ("_coroutine", "_is_cancelled", "_loop", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
        self._coroutine: Coroutine[Any, Any, None] | None = coroutine
        self._loop = loop
        self._waits_for: Any = None
        self._is_cancelled = False

    def begin(self) -> None:
        """Runs the coroutine up to its first wait, or to its end."""
        self._go_on()

    def cancel(self) -> None:
        """Raises CancelledError where the coroutine waits: at once for a bell, else in the next turn of the loop."""
        if self._coroutine is None:
            return
        waits_for = self._waits_for
        if type(waits_for) is Bell:
            waits_for.goes_on = None
            self._is_cancelled = True
            self._go_on()
        elif waits_for is None or not waits_for.cancel():
            self._is_cancelled = True

    def _go_on(self, _done: object = None) -> None:
        coroutine = self._coroutine
        if coroutine is None:
            return
        self._waits_for = None
        try:
            if self._is_cancelled:
                self._is_cancelled = False
                waits_for = coroutine.throw(asyncio.CancelledError())
            else:
                waits_for = coroutine.send(None)
        except (StopIteration, asyncio.CancelledError):
            self._coroutine = None
        except Exception as bug:
            self._coroutine = None
            self._loop.call_exception_handler({"message": "a request ended with a defect", "exception": bug})
        else:
            self._wait(waits_for)

    def _wait(self, waits_for: Any) -> None:
        self._waits_for = waits_for
        if type(waits_for) is Bell:
            waits_for.goes_on = self._go_on
        elif waits_for is None:
            self._loop.call_soon(self._go_on)
        else:
            # What a task does with a future that it is handed: from here on somebody waits for it.
            waits_for._asyncio_future_blocking = False
            waits_for.add_done_callback(self._go_on)
        if self._is_cancelled:
            self._is_cancelled = False
            self.cancel()


def _settle(rung: asyncio.Future[None]) -> None:
    if not rung.done():
        rung.set_result(None)
