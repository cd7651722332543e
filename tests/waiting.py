"""Waiting for what happens beside a test: until it is so, and long enough for a machine that stands still meanwhile.

An answer is on its way before its record, its line of the log, its metrics and its spans are written, its connection
is given back and its place is free: a test that reads any of them waits for it here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_S = 60.0
"""How long a test waits for what comes: it decides nothing where all is well, however slow the machine is."""

T = TypeVar("T")


def until(asked: Callable[[], T | None]) -> T:
    """What was asked for, as soon as it is true; for what another thread or process does. Fails when it never is."""
    due = time.monotonic() + PATIENCE_S
    while not (found := asked()):
        assert time.monotonic() < due, "it did not happen"
        time.sleep(0.005)
    return found


async def came(asked: Callable[[], T | None]) -> T:
    """As ``until``, for what the loop of the test does itself."""
    due = time.monotonic() + PATIENCE_S
    while not (found := asked()):
        assert time.monotonic() < due, "it did not happen"
        await asyncio.sleep(0.005)
    return found
