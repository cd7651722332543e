"""What an open, silent stream costs the gateway in memory: idle_streams.py [--streams N].

Each stream has had its first event; the next one comes half a minute later. Needs two file descriptors for each stream
in the gateway, so the system's limit may allow fewer than asked for.
"""

from __future__ import annotations

import argparse
import os
import select
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from edge_bench.callers import descriptors, dialled
from proxy_bench import install, workload
from proxy_bench.load import Asking
from proxy_bench.measure import free_port, say
from proxy_bench.process import GATEWAY_CORE, LOAD_CORE, Tree

BUILD = Path(__file__).resolve().parent.parent / "build"
TARGET_KB = 20
EVENTS, INTERVAL_US = 20, 30_000_000
OPENING = 64
WARMING = 64
SPARE_DESCRIPTORS = 200
SETTLE_S = 1.5
LIMIT_S = 60.0


def main() -> int:
    """Prints resident memory with more and more streams; 1 when they could not be opened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=10_000)
    wanted = parser.parse_args().streams
    os.sched_setaffinity(0, {LOAD_CORE % (os.cpu_count() or 1)})
    count = min(wanted, (descriptors(2 * wanted + SPARE_DESCRIPTORS) - SPARE_DESCRIPTORS) // 2)
    if count < wanted:
        print(f"the limit of open files allows {count} streams, not {wanted}")
    with tempfile.TemporaryDirectory(prefix="idle-bench-") as name, ExitStack() as running:
        folder = Path(name)
        port, tree = _gateway(folder, count, running)
        streams = Streams(port, count)
        running.callback(streams.close)
        print("\n".join(_measured(streams, tree, count)))
        return int(streams.failures > 0)


class Streams:
    """Callers that ask for a stream, wait for its first event, and then only keep it open."""

    def __init__(self, port: int, count: int) -> None:
        self.failures = 0
        self.open: list[socket.socket] = []
        self._port = port
        self._poll = select.epoll()
        self._request = workload.wire_request(workload.body(is_stream=True), ())

    def grow(self, count: int) -> None:
        """Opens streams, a few at a time, until there are ``count``. Raises TimeoutError."""
        deadline = time.monotonic() + LIMIT_S
        coming: dict[int, tuple[socket.socket, bytes]] = {}
        while len(self.open) + self.failures < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.open)} of {count} streams in {LIMIT_S:.0f} s")
            while len(coming) < OPENING and len(self.open) + self.failures + len(coming) < count:
                peer = dialled(self._port)
                peer.send(self._request)
                self._poll.register(peer.fileno(), select.EPOLLIN)
                coming[peer.fileno()] = peer, b""
            for number, _ in self._poll.poll(1.0):
                peer, before = coming[number]
                try:
                    data = peer.recv(65536)
                except OSError:
                    data = b""
                coming[number] = peer, before + data
                if not data or b"data: " in before + data:
                    self._poll.unregister(number)
                    self._arrived(*coming.pop(number), is_open=bool(data))

    def close(self) -> None:
        """Hangs up on all of them."""
        for peer in self.open:
            peer.close()
        self.open.clear()

    def _arrived(self, peer: socket.socket, said: bytes, *, is_open: bool) -> None:
        if is_open and said.startswith(b"HTTP/1.1 200"):
            self.open.append(peer)
            return
        self.failures += 1
        if self.failures == 1:
            say(f"no stream: {said[:200]!r}")
        peer.close()


def _measured(streams: Streams, tree: Tree, count: int) -> Iterator[str]:
    streams.grow(min(WARMING, count))
    streams.close()
    time.sleep(SETTLE_S)
    size, resident = 0, tree.resident_mb()
    before = resident
    yield f"{0:6} streams   resident {before:7.1f} MB, after {min(WARMING, count)} that are gone"
    for share in (0.25, 0.5, 1.0):
        begin = time.monotonic()
        streams.grow(int(count * share))
        took = time.monotonic() - begin
        time.sleep(SETTLE_S)
        more, size = len(streams.open) - size, len(streams.open)
        last, resident = resident, tree.resident_mb()
        each, further = (resident - before) * 1024 / max(size, 1), (resident - last) * 1024 / max(more, 1)
        yield (
            f"{size:6} streams   resident {resident:7.1f} MB   {each:5.1f} KB a stream, {further:5.1f} KB each of the "
            f"last {more}   opened in {took:4.1f} s"
        )
    streams.close()
    time.sleep(2 * SETTLE_S)
    yield f"{0:6} streams   resident {tree.resident_mb():7.1f} MB, after all are gone"
    streams.grow(count // 2)
    time.sleep(SETTLE_S)
    yield f"{len(streams.open):6} streams   resident {tree.resident_mb():7.1f} MB, opened once more"
    yield f"target: under {TARGET_KB} KB a stream; {streams.failures} could not be opened"


def _gateway(folder: Path, count: int, running: ExitStack) -> tuple[int, Tree]:
    """Port and process of `plano up` with room for ``count`` streams."""
    origin, port = _upstream(install.compiled("upstream", BUILD), folder, running), free_port()
    room = count + WARMING
    lines = ["version: v0.4.0", "listeners:", f"  - {{address: 127.0.0.1, port: {port}}}", "model_providers:"]
    lines += [
        f"  - {{model: {model}, access_key: {workload.KEY}, base_url: 'http://127.0.0.1:{origin}'}}"
        for model in (workload.MODEL, workload.OTHER_MODEL)
    ]
    lines += ["admin: {enabled: false}"]
    lines += [f"limits: {{connections: {room}, requests: {room}, upstream_connections: {room}}}"]
    config = folder / "plano.yaml"
    config.write_text("\n".join(lines) + "\n")
    config.chmod(0o600)
    command = [sys.executable, "-m", "plano", "up", str(config)]
    tree = Tree(command, core=GATEWAY_CORE, log=folder / "gateway.log", folder=folder)
    running.callback(tree.stop)
    say("waiting for the gateway")
    _asking(folder, port).wait_ready(tree)
    return port, tree


def _upstream(program: Path, folder: Path, running: ExitStack) -> int:
    port = free_port()
    (folder / "answer.json").write_bytes(workload.answer())
    shape = [str(folder / "answer.json"), str(EVENTS), str(INTERVAL_US)]
    command = [str(program), str(port), *shape]
    tree = Tree(command, core=LOAD_CORE, log=folder / "upstream.log", folder=folder)
    running.callback(tree.stop)
    _asking(folder, port).wait_ready(tree)
    return port


def _asking(folder: Path, port: int) -> Asking:
    return Asking(folder, Path(), port)


if __name__ == "__main__":
    sys.exit(main())
