"""How long one request with a large body holds the gateway's event loop: loop_blocking.py [--requests N] [--large].

A heartbeat of a millisecond beats on the gateway's own loop; over each request the longest gap between two beats is
taken, and the most CPU time that the loop's thread used between two. The gap also holds what other processes took, and
the waits for the router's thread; the CPU time holds neither. Caller and model server are a process on the other core.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import re
import socketserver
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge_bench import bodies
from proxy_bench import workload
from proxy_bench.measure import free_port
from proxy_bench.process import GATEWAY_CORE, LOAD_CORE, pinned
from proxy_bench.stacks import STACKS, Place

HERE = Path(__file__).resolve().parent
TARGET_MS = 5.0
AFTER_S = 0.02
MB = 1_000_000
LARGE_MB = (8, 32)
LARGE_REQUESTS = 3
READY_S = 30.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One request, in milliseconds: the longest gap, the most CPU time between beats, the stages of server-timing."""

    gap_ms: float
    cpu_ms: float
    stages: dict[str, float]


class ModelServer(socketserver.ThreadingTCPServer):
    """Answers every request, whatever its size, with the workload's answer."""

    allow_reuse_address = True
    daemon_threads = True


class ModelConnection(socketserver.StreamRequestHandler):
    """Reads requests with a declared length, one after another."""

    def handle(self) -> None:
        """Answers until the gateway leaves."""
        answer = workload.answer()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
        while (length := self._length()) is not None:
            while length > 0:
                length -= len(self.rfile.read(min(length, 1 << 20)))
            self.wfile.write(head + answer)

    def _length(self) -> int | None:
        length = None
        for line in iter(self.rfile.readline, b"\r\n"):
            if not line:
                return None
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return length


class Gateway:
    """The gateway's process, its beats, and one connection to it."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self._peer = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def wait_ready(self) -> None:
        """Returns once it answers. Raises TimeoutError, RuntimeError."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError("the gateway ended")
            try:
                self.ask(bodies.small("ready"))
            except OSError:
                self._peer.close()
                time.sleep(0.05)
            else:
                return
        raise TimeoutError("the gateway is not ready")

    def ask(self, body: bytes) -> Seen:
        """One request, from before its first byte to a little after its answer."""
        self.beats()
        sent = {"content-type": "application/json", "authorization": f"Bearer {workload.KEY}"}
        self._peer.request("POST", workload.CHAT, body, sent)
        answer = self._peer.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"status {answer.status}: {said[:300]!r}")
        time.sleep(AFTER_S)
        stages = re.findall(r"(\w+);dur=([\d.]+)", answer.getheader("server-timing") or "")
        return Seen(*self.beats(), {name: float(value) for name, value in stages})

    def quiet(self, seconds: float) -> Seen:
        """The same while nobody asks."""
        self.beats()
        time.sleep(seconds)
        return Seen(*self.beats(), {})

    def beats(self) -> tuple[float, float]:
        """The longest gap, and the most CPU time in one, since this was asked last."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        gap_ms, cpu_ms = self._process.stdout.readline().split()
        return float(gap_ms), float(cpu_ms)


def main() -> int:
    """Prints a row for each kind and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20, help="of each kind")
    parser.add_argument("--large", action="store_true", help="also 8 MB and 32 MB")
    chosen = parser.parse_args()
    os.sched_setaffinity(0, {LOAD_CORE % (os.cpu_count() or 1)})
    with tempfile.TemporaryDirectory(prefix="loop-bench-") as folder, _running(Path(folder)) as gateway:
        gateway.wait_ready()
        print("longest gap and most CPU time between two beats, in ms: median … most of the requests; stages: medians")
        print(_row("nobody asks", [gateway.quiet(0.1) for _ in range(chosen.requests)]))
        marks = map(str, itertools.count(time.time_ns() % MB))
        print(_row("1.5 KB", [gateway.ask(bodies.small(next(marks))) for _ in range(chosen.requests)]))
        sizes = [(1, chosen.requests), *((size, LARGE_REQUESTS) for size in LARGE_MB if chosen.large)]
        for size, count in sizes:
            for kind, body in bodies.KINDS.items():
                print(_row(f"{size} MB, {kind}", list(_asked(gateway, body, marks, size=size, count=count))))
        print(f"target: at most {TARGET_MS:.0f} ms at 1 MB")
    return 0


def _asked(
    gateway: Gateway, body: Callable[[str, int], bytes], marks: Iterator[str], *, size: int, count: int
) -> Iterator[Seen]:
    gateway.ask(body(next(marks), size * MB))
    for _ in range(count):
        yield gateway.ask(body(next(marks), size * MB))


def _row(name: str, seen: list[Seen]) -> str:
    gaps, cpu = [each.gap_ms for each in seen], [each.cpu_ms for each in seen]
    shown = f"{name:28} gap {statistics.median(gaps):7.2f} … {max(gaps):7.2f}"
    shown += f"   CPU {statistics.median(cpu):7.2f} … {max(cpu):7.2f}"
    for stage in dict.fromkeys(stage for each in seen for stage in each.stages):
        shown += f"   {stage} {statistics.median(each.stages.get(stage, 0.0) for each in seen):.2f}"
    return shown


@contextmanager
def _running(folder: Path) -> Iterator[Gateway]:
    with ModelServer(("127.0.0.1", 0), ModelConnection) as model:
        threading.Thread(target=model.serve_forever, daemon=True).start()
        port = free_port()
        stack = next(each for each in STACKS if each.name == "plano")
        name, text = stack.config(Place(folder, folder, port, model.server_address[1]))
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
        command = [sys.executable, str(HERE / "edge_bench/gateway.py"), str(folder / name), "--heartbeat"]
        with (
            (folder / "gateway.log").open("ab") as log,
            subprocess.Popen(
                pinned(GATEWAY_CORE, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            ) as process,
        ):
            try:
                yield Gateway(process, port)
            finally:
                process.terminate()
                model.shutdown()


if __name__ == "__main__":
    sys.exit(main())
