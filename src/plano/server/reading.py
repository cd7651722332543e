"""Reading large bodies without blocking the event loop: one thread, in the order they came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from plano.server.process import step_back

Arguments = TypeVarTuple("Arguments")
Read = TypeVar("Read")


class Reading:
    """Does what takes milliseconds for a large body."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="plano-reader", initializer=step_back)

    async def do(self, work: Callable[[*Arguments], Read], *arguments: *Arguments) -> Read:
        """What ``work`` returns or raises; it must be safe in any thread. Cancelled before its turn, it is not done."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def close(self) -> None:
        """Stops the thread after the work in progress."""
        self._thread.shutdown(wait=False, cancel_futures=True)
