"""A process of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from plano.server.process import BEHIND, LEAST, step_back

PROGRAM = """
import gc, sys
import pytest

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
    expected = min(before + BEHIND, LEAST) if sys.platform == "linux" else before
    with ThreadPoolExecutor(1, initializer=step_back) as pool:
        assert pool.submit(os.getpriority, os.PRIO_PROCESS, 0).result() == expected
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a niceness of its own on Linux alone")
def test_a_thread_steps_back_from_where_it_is() -> None:
    """Of a gateway that was started with another niceness, it is as many steps behind, and never before."""

    def begin() -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 9)
        step_back()

    with ThreadPoolExecutor(1, initializer=begin) as pool:
        assert pool.submit(os.getpriority, os.PRIO_PROCESS, 0).result() == 9 + BEHIND
