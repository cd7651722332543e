"""A process of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from plano.server.process import BEHIND, step_back

PROGRAM = """
import gc, sys
from plano.server.process import settle_interpreter
settle_interpreter()
print(gc.get_freeze_count() > 1000, gc.get_threshold(), sys.getswitchinterval(), gc.isenabled())
"""


def test_settled() -> None:
    """What is loaded is left alone, the collector still runs, and threads give way sooner."""
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert said == "True (20000, 20, 20) 0.001 True\n"


def test_a_thread_steps_back() -> None:
    """The thread stands behind the others, where the system can tell them apart; they stay where they are."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    expected = max(before, BEHIND) if sys.platform == "linux" else before
    with ThreadPoolExecutor(1, initializer=step_back) as pool:
        assert pool.submit(os.getpriority, os.PRIO_PROCESS, 0).result() == expected
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
