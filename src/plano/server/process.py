"""How a process that serves a gateway sets its interpreter and its threads."""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import suppress

SWITCH_S = 0.001
BEHIND = 5
"""Steps of niceness by which threads that work for milliseconds stand behind the event loop."""

LEAST = 19
"""The greatest niceness there is."""


def settle_interpreter() -> None:
    """To be called once everything is loaded, in a process of one's own.

    What is loaded stays: the collector need not look at it again, nor at every 700 new objects. Nearly everything a
    request makes dies with its last reference; walking it while it is in use costs a tenth of the time and the
    processor's caches. A thread that reads a large body gives way to the event loop after a millisecond, not five.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    sys.setswitchinterval(SWITCH_S)


def step_back() -> None:
    """To be called in a thread that works for milliseconds at a time: on a shared core the event loop goes first.

    Only Linux has a niceness for each thread; elsewhere, and where it is not allowed, nothing changes.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            # Of 0 the system takes the calling thread, whose niceness is that of the process until it is changed.
            os.setpriority(
                os.PRIO_PROCESS,
                threading.get_native_id(),
                min(os.getpriority(os.PRIO_PROCESS, 0) + BEHIND, LEAST),
            )
