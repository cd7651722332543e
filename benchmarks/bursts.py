"""What callers who drip in the same instant cost the loop: bursts.py [--callers N] [--bursts N] [--beside FOLDER].

The gateway's process stands still while each of the callers sends its byte, and while one request is sent behind them
all. Then it goes on: how long is the longest turn of its loop, in CPU time, how much CPU time does the burst cost in
all, and when is the request answered? With ``--beside``, another version is measured by turns with this one.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_bench.callers import descriptors, dialled
from proxy_bench import workload
from proxy_bench.measure import free_port
from proxy_bench.process import GATEWAY_CORE, LOAD_CORE, pinned
from proxy_bench.stacks import STACKS, Place

HERE = Path(__file__).resolve().parent
READY_S = 30.0
WARM_BYTES = 8
ASK = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
POST = f"POST {workload.CHAT} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"

KINDS = {
    "heads": (f"POST {workload.CHAT} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ".encode(), b"a", 1),
    "sized bodies": (f"{POST}Content-Length: 1048576\r\n\r\n".encode(), b"a", 1),
    "600 bytes of bodies": (f"{POST}Content-Length: 1048576\r\n\r\n".encode(), b"a", 600),
    "within chunks": (f"{POST}Transfer-Encoding: chunked\r\n\r\nfffff\r\n".encode(), b"a", 1),
}
"""Kind → what begins it, the byte that drips, and how many of them at once."""


class Gateway:
    """A gateway's process, and what it says of the turns of its loop."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.port = port

    def stop(self) -> None:
        """It stands still; comes back when it does."""
        os.kill(self._process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    def go_on(self) -> None:
        """It goes on."""
        os.kill(self._process.pid, signal.SIGCONT)

    def cpu_ms(self) -> float:
        """CPU time of its first thread so far."""
        return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[0]) / 1e6

    def turns(self) -> float:
        """The CPU time of its longest turn since this was asked last."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline().split()[1])

    def wait_ready(self) -> socket.socket:
        """A connection to it, once it answers. Raises TimeoutError."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            try:
                peer = socket.create_connection(("127.0.0.1", self.port), timeout=READY_S)
            except OSError:
                time.sleep(0.05)
                continue
            peer.sendall(ASK)
            assert b" 200 OK" in peer.recv(65536)
            return peer
        raise TimeoutError("the gateway is not ready")


class Callers:
    """Those who drip, and the one who asks behind them."""

    def __init__(self, gateway: Gateway, kind: str, count: int, asking: socket.socket) -> None:
        self._gateway = gateway
        self._asking = asking
        begin, byte, size = KINDS[kind]
        self._piece = byte * size
        self._peers = [dialled(gateway.port) for _ in range(count)]
        for piece in (begin, *[self._piece] * WARM_BYTES):
            for peer in self._peers:
                peer.send(piece)
            time.sleep(0.1)

    def burst(self) -> tuple[float, float, float]:
        """Of two bursts: the longest turn; CPU time, and the time until the request behind it is answered; ms.

        While turns are watched, the loop never sleeps.
        """
        gateway = self._gateway
        gateway.turns()
        self._send()
        turn = gateway.turns()
        before = gateway.cpu_ms()
        took = self._send()
        return turn, gateway.cpu_ms() - before, took

    def _send(self) -> float:
        """One burst; when the request was answered."""
        gateway = self._gateway
        gateway.stop()
        for peer in self._peers:
            peer.send(self._piece)
        self._asking.sendall(ASK)
        began = time.perf_counter()
        gateway.go_on()
        assert b" 200 OK" in self._asking.recv(65536)
        took = (time.perf_counter() - began) * 1000
        time.sleep(0.05)
        return took

    def leave(self) -> None:
        """All of them."""
        for peer in self._peers:
            peer.close()
        time.sleep(0.3)


def main() -> int:
    """Prints a row for each kind and version."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, default=1000)
    parser.add_argument("--bursts", type=int, default=20, help="of each kind and version; a slow caller has 10 s")
    parser.add_argument("--beside", type=Path, help="the src folder of another version")
    chosen = parser.parse_args()
    descriptors(2 * chosen.callers + 1000)
    os.sched_setaffinity(0, {LOAD_CORE % (os.cpu_count() or 1)})
    versions = {"here": HERE.parent / "src", **({"beside": chosen.beside} if chosen.beside else {})}
    print(
        f"{chosen.callers} callers; longest turn, CPU time, answer to the request behind, in ms: median (least … most)"
    )
    for kind in KINDS:
        seen: dict[str, list[tuple[float, float, float]]] = {name: [] for name in versions}
        for _ in range(max(1, chosen.bursts // 10)):
            for name, sources in versions.items():
                seen[name] += _bursts(sources, kind, chosen.callers)
        for name, rows in seen.items():
            columns = zip(*rows, strict=True)
            shown = "   ".join(
                f"{statistics.median(each):6.2f} ({min(each):.2f} … {max(each):.2f})" for each in columns
            )
            print(f"{kind:20} {name:7} {shown}", flush=True)
    return 0


def _bursts(sources: Path, kind: str, count: int) -> list[tuple[float, float, float]]:
    with tempfile.TemporaryDirectory(prefix="bursts-") as folder, _running(Path(folder), sources) as gateway:
        asking = gateway.wait_ready()
        callers = Callers(gateway, kind, count, asking)
        seen = [callers.burst() for _ in range(10)]
        callers.leave()
        asking.close()
        return seen


@contextmanager
def _running(folder: Path, sources: Path) -> Iterator[Gateway]:
    port = free_port()
    stack = next(each for each in STACKS if each.name == "plano")
    name, text = stack.config(Place(folder, folder, port, port))
    (folder / name).write_text(text)
    (folder / name).chmod(0o600)
    command = [sys.executable, str(HERE / "edge_bench/gateway.py"), str(folder / name), "--turns"]
    with (
        (folder / "gateway.log").open("ab") as log,
        subprocess.Popen(
            pinned(GATEWAY_CORE, command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONPATH": str(sources)},
        ) as process,
    ):
        try:
            yield Gateway(process, port)
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
