"""The real clocks, and chance: the only place that reads them."""

from __future__ import annotations

import asyncio
import random
import time


class SystemClock:
    """``plano.ports.Clock`` of this machine."""

    # The functions themselves: a method around them would cost more than they do, a dozen times a request.
    monotonic = staticmethod(time.monotonic)
    wall = staticmethod(time.time)

    async def sleep(self, seconds: float) -> None:
        """Comes back after ``seconds``."""
        await asyncio.sleep(seconds)


def jitter() -> float:
    """A factor between 0.8 and 1.2, so that waiting callers do not come back in step."""
    return random.uniform(0.8, 1.2)  # noqa: S311 - spreads waits, protects nothing


def new_trace_id() -> str:
    """32 hex digits, never all zero. They name a request, they guard nothing: no system call for each of them."""
    return f"{random.getrandbits(128) or 1:032x}"


def new_span_id() -> str:
    """16 hex digits, never all zero."""
    return f"{random.getrandbits(64) or 1:016x}"
