"""Reading large bodies without blocking the event loop: one thread, in the order they came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from plano.domain.request import ChatRequest
from plano.server.process import step_back


class Reading:
    """``parse``: what takes milliseconds for a large body; must be safe in any thread."""

    def __init__(self, parse: Callable[[bytes], ChatRequest]) -> None:
        self._parse = parse
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="plano-reader", initializer=step_back)

    async def parse(self, body: bytes) -> ChatRequest:
        """The request of a body. Raises CallerError. Cancelled, it is not read if its turn has not come."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._parse, body)

    def close(self) -> None:
        """Stops the thread after the work in progress."""
        self._thread.shutdown(wait=False, cancel_futures=True)
