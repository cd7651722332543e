"""The real clocks, and chance: the only place that reads them."""

from __future__ import annotations

import asyncio
import random
import time

_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


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


def new_ids() -> tuple[str, str]:
    """Ids of a trace and of a span: 32 and 16 hex digits, never all zero.

    They name a request, they guard nothing: no system call for each of them, and one number for both.
    """
    digits = random.getrandbits(192).to_bytes(24, "big").hex()
    trace_id, span_id = digits[:32], digits[32:]
    return (trace_id, span_id) if trace_id != _NO_TRACE and span_id != _NO_SPAN else new_ids()
