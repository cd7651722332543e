"""A process of one's own."""

from __future__ import annotations

import subprocess
import sys

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
