"""From ``plano up --dev`` to ready, and what it then holds in memory. Median of several starts."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROUNDS = 7
COMMAND = [sys.executable, "-m", "plano", "up", "examples/mission.yaml", "--dev", "--quiet", "--port", "0"]


def one_start() -> tuple[float, float, float]:
    """Seconds to the first good /readyz, resident MB then, and after a routed decision."""
    begin = time.perf_counter()
    process = subprocess.Popen(COMMAND, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        address = next(found.group() for line in process.stderr if (found := re.search(r"http://127\S+?:\d+", line)))
        urllib.request.urlopen(f"{address}/readyz").read()
        ready_s = time.perf_counter() - begin
        at_ready = resident_mb(process.pid)
        body = Path("examples/mission-request.json").read_bytes()
        asked = urllib.request.Request(
            f"{address}/routing/v1/chat/completions", body, {"content-type": "application/json"}
        )
        urllib.request.urlopen(asked).read()
        return ready_s, at_ready, resident_mb(process.pid)
    finally:
        process.terminate()
        process.wait()


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found.group(1)) / 1024


def help_s() -> float:
    """Seconds that ``plano --help`` takes as a whole process."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "plano", "--help"], capture_output=True, check=True)
    return time.perf_counter() - begin


def main() -> None:
    """Prints medians, and the range of the start."""
    rows = [one_start() for _ in range(ROUNDS)]
    ready, at_ready, after = (statistics.median(column) for column in zip(*rows, strict=True))
    fastest, slowest = min(row[0] for row in rows), max(row[0] for row in rows)
    print(f"ready after         {ready:6.2f} s   ({fastest:.2f} .. {slowest:.2f} in {ROUNDS} starts)")
    print(f"resident, ready     {at_ready:6.0f} MB")
    print(f"resident, routed    {after:6.0f} MB")
    print(f"plano --help        {statistics.median(help_s() for _ in range(ROUNDS)) * 1000:6.0f} ms")


if __name__ == "__main__":
    main()
