"""What the process itself uses, under the names that every Prometheus client gives these numbers."""

from __future__ import annotations

import os
import time
from pathlib import Path

from plano.observe.exposition import Live

_MEMORY = Path("/proc/self/statm")


def process_numbers(*, started_at: float) -> tuple[Live, ...]:
    """Processor time, memory and start of this process. ``started_at``: seconds since the epoch."""
    return (
        Live("process_cpu_seconds_total", "Processor time used, in seconds.", time.process_time, kind="counter"),
        Live("process_resident_memory_bytes", "Resident memory.", resident_bytes),
        Live("process_start_time_seconds", "Start, in seconds since the epoch.", lambda: started_at),
    )


def resident_bytes() -> int | None:
    """Resident memory of this process; None where the system does not tell it (any but Linux)."""
    try:
        pages = int(_MEMORY.read_bytes().split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
