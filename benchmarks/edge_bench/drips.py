"""Callers that send as slowly as they can: drips.py PORT COUNT SECONDS [burst]; prints how they ended, as JSON lines.

Half send a head, one byte a second. A quarter each send a body a little faster and a good deal slower than the least
rate that a body must keep. One that is put out comes again within a second, so that there are always COUNT of them.
They take turns within a second; with ``burst`` all of them send at once.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass

from proxy_bench import workload

from edge_bench.callers import descriptors, dialled

STEP_S = 1.0
DECLARED_BYTES = 1024 * 1024
SLOW_HEAD = f"POST {workload.CHAT} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ".encode() + b"a" * 4096
BODY_HEAD = (
    f"POST {workload.CHAT} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    f"Content-Length: {DECLARED_BYTES}\r\n\r\n"
).encode()

STEPS = {"head, 1 byte/s": 1, "body, 1,100 bytes/s": 1100, "body, 640 bytes/s": 640}
"""Kind → bytes a second. The least rate is 1,024 bytes/s after 5 s of grace: the last kind may last 13.3 s."""

KINDS = ("head, 1 byte/s", "body, 1,100 bytes/s", "head, 1 byte/s", "body, 640 bytes/s")


@dataclass(frozen=True, slots=True)
class End:
    """How callers of one kind ended. ``how``: a status, ``closed``, ``reset``, or ``open`` at the end.

    Ages in seconds, when the answer came, or the end where there was none. ``unclosed``: answered and not yet closed.
    """

    kind: str
    how: str
    count: int
    least_s: float
    median_s: float
    most_s: float
    unclosed: int = 0


class Drip:
    """One of them: not connected, or sending."""

    def __init__(self, kind: str, due: float) -> None:
        self.kind = kind
        self.due = due
        self.peer: socket.socket | None = None
        self.born = 0.0
        self.heard = b""
        self.heard_at = 0.0
        self._rest = memoryview(b"")

    def step(self, port: int, now: float) -> None:
        """Sends the next bit, or connects. Raises OSError."""
        if self.peer is None:
            self.peer, self.born, self.heard = dialled(port), now, b""
            is_head = self.kind.startswith("head")
            self._rest = memoryview(SLOW_HEAD if is_head else b"a" * DECLARED_BYTES)
            if not is_head:
                self.peer.send(BODY_HEAD)
        sent = self.peer.send(self._rest[: STEPS[self.kind]])
        self._rest = self._rest[sent:]

    @property
    def status(self) -> str:
        """Of the answer, empty when there is none."""
        return self.heard[9:12].decode("latin-1") if self.heard.startswith(b"HTTP/1.") else ""

    def leave(self) -> None:
        """Hangs up."""
        if self.peer is not None:
            self.peer.close()
            self.peer = None


class Drips:
    """All of them on one loop."""

    def __init__(self, port: int, count: int, *, spread_s: float = STEP_S) -> None:
        self._port = port
        self._poll = select.epoll()
        self._by_number: dict[int, Drip] = {}
        self._ends: list[tuple[str, str, float]] = []
        now = time.monotonic()
        self._queue = deque(Drip(KINDS[at % len(KINDS)], now + spread_s * at / count) for at in range(count))

    def run(self, seconds: float) -> None:
        """Drips for that long."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            while self._queue[0].due <= now:
                self._step(self._queue.popleft(), now)
            for number, _ in self._poll.poll(max(0.0, min(self._queue[0].due, end) - time.monotonic())):
                self._hear(self._by_number[number])

    def ends(self) -> Iterator[End]:
        """How they ended, one row for each kind and way."""
        now = time.monotonic()
        left = tuple(self._by_number.values())
        told = [(drip.kind, drip.status, drip.heard_at - drip.born) for drip in left if drip.heard]
        ends = [*self._ends, *told, *((drip.kind, "open", now - drip.born) for drip in left if not drip.heard)]
        for kind in STEPS:
            for how in sorted({way for name, way, _ in ends if name == kind}):
                ages = sorted(age for name, way, age in ends if (name, way) == (kind, how))
                unclosed = sum((name, way) == (kind, how) for name, way, _ in told)
                yield End(kind, how, len(ages), ages[0], ages[len(ages) // 2], ages[-1], unclosed)

    def _step(self, drip: Drip, now: float) -> None:
        was_there = drip.peer is not None
        with suppress(OSError):  # whoever is being put out hears of it by reading
            drip.step(self._port, now)
        if drip.peer is not None and not was_there:
            self._by_number[drip.peer.fileno()] = drip
            self._poll.register(drip.peer.fileno(), select.EPOLLIN)
        drip.due += STEP_S
        self._queue.append(drip)

    def _hear(self, drip: Drip) -> None:
        assert drip.peer is not None
        is_reset = False
        try:
            data = drip.peer.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data, is_reset = b"", True
        if data:
            drip.heard_at = drip.heard_at if drip.heard else time.monotonic()
            drip.heard += data
            return
        how = drip.status or ("reset" if is_reset else "closed")
        at = drip.heard_at if drip.heard else time.monotonic()
        self._ends.append((drip.kind, how, at - drip.born))
        self._poll.unregister(drip.peer.fileno())
        del self._by_number[drip.peer.fileno()]
        drip.leave()


def main() -> None:
    """Drips, then prints the ends."""
    port, count, seconds = (int(part) for part in sys.argv[1:4])
    spread_s = 0.0 if "burst" in sys.argv[4:] else STEP_S
    descriptors(count + 100)
    drips = Drips(port, count, spread_s=spread_s)
    drips.run(seconds)
    for end in drips.ends():
        print(json.dumps(asdict(end)))


if __name__ == "__main__":
    main()
