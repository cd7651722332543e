"""A request without a task: its coroutine begins at once, and goes on in the very call that brings what it waits for.

A task would wait for a turn of the loop to begin and for another one each time it goes on. Here the call that read the
last byte of a request sends it upstream, and the call that read the answer writes it to the caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from functools import partial
from typing import Any


class Bell:
    """What one coroutine at a time waits for, as often as it likes. A ring that nobody waits for is lost.

    Whoever waits goes on before ``ring`` returns: ringing is the last thing to do. To a task it looks like a future of
    its loop, which then goes on with it; a task that is cancelled is woken by that, and told by its loop.
    """

    __slots__ = ("goes_on",)

    def __init__(self) -> None:
        self.goes_on: Callable[[], object] | None = None

    def __await__(self) -> Generator[Bell, None, None]:
        yield self

    def ring(self) -> None:
        """Goes on with whoever waits."""
        goes_on = self.goes_on
        if goes_on is not None:
            self.goes_on = None
            goes_on()

    # a task calls these

    @property
    def _asyncio_future_blocking(self) -> bool:
        return True

    @_asyncio_future_blocking.setter
    def _asyncio_future_blocking(self, _is_blocking: bool) -> None:
        """Each wait is a new one."""

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """That of whoever asks."""
        return asyncio.get_running_loop()

    def add_done_callback(self, wake: Callable[[Bell], object], *, context: Context) -> None:
        """``wake`` is called in the next turn of the loop after the ring."""
        self.goes_on = partial(asyncio.get_running_loop().call_soon, wake, self, context=context)

    def cancel(self, msg: object = None) -> bool:
        """Wakes the task; False, as it is for the task to remember why."""
        self.ring()
        return False

    def result(self) -> None:
        """Nothing comes with a ring."""


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

    def cancel(self) -> None:
        """Raises CancelledError where the coroutine waits: at once for a bell, else in the next turn of the loop."""
        if self._coroutine is None:
            return
        waits_for = self._waits_for
        if type(waits_for) is Bell:
            waits_for.goes_on = None
            self._is_cancelled = True
            self.go_on()
        elif waits_for is None or not waits_for.cancel():
            self._is_cancelled = True

    def go_on(self, _done: object = None) -> None:
        """Runs the coroutine up to its next wait, or to its end; called first by whoever has made it."""
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
            self._waits_for = waits_for
            if type(waits_for) is Bell and not self._is_cancelled:
                waits_for.goes_on = self.go_on
            else:
                self._wait(waits_for)

    def _wait(self, waits_for: Any) -> None:
        if type(waits_for) is Bell:
            waits_for.goes_on = self.go_on
        elif waits_for is None:
            self._loop.call_soon(self.go_on)
        else:
            # What a task does with a future that it is handed: from here on somebody waits for it.
            waits_for._asyncio_future_blocking = False
            waits_for.add_done_callback(self.go_on)
        if self._is_cancelled:
            self._is_cancelled = False
            self.cancel()
