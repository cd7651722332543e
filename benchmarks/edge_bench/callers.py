"""Callers on one epoll loop with plain sockets, so that they cost little beside what they measure."""

from __future__ import annotations

import resource
import select
import socket
import time
from collections import deque
from dataclasses import dataclass

from proxy_bench import workload

LATE_S = 20.0


@dataclass(frozen=True, slots=True)
class Times:
    """What the callers saw. ``failures``: requests without a good answer; milliseconds."""

    count: int
    failures: int
    p50_ms: float
    p99_ms: float
    worst_ms: float


def descriptors(wanted: int) -> int:
    """Raises this process's limit of open files as far as it may, and says how far that is."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = max(wanted, most)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def dialled(port: int) -> socket.socket:
    """A connection that does not block."""
    peer = socket.create_connection(("127.0.0.1", port), timeout=LATE_S)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.setblocking(False)
    return peer


class Paced:
    """Ordinary requests at a fixed rate, spread over kept connections.

    A request that finds every connection busy waits for one, and its time runs from when it was due: what a stall
    keeps waiting counts. Otherwise it runs from when it is sent.
    """

    def __init__(self, port: int, *, connections: int, rate: float) -> None:
        self._port = port
        self._gap_s = 1 / rate
        self._request = workload.wire_request(workload.body(), ())
        self._poll = select.epoll()
        self._free: deque[socket.socket] = deque()
        self._busy: dict[int, tuple[socket.socket, float]] = {}
        self._buffers: dict[int, bytes] = {}
        self._took: list[float] = []
        self._failures = 0
        for _ in range(connections):
            self._join()

    def run(self, seconds: float) -> Times:
        """Asks for that long and waits for what is still on its way."""
        self._took, self._failures = [], 0
        begin = due = time.perf_counter()
        end = begin + seconds
        waiting: deque[float] = deque()
        while due < end or waiting or self._busy:
            now = time.perf_counter()
            if now > end + LATE_S:
                break
            while due <= now and due < end:
                waiting.append(due)
                due += self._gap_s
            is_behind = len(waiting) > len(self._free)
            while waiting and self._free:
                was_due = waiting.popleft()
                self._ask(was_due if is_behind else time.perf_counter())
            pause = due - time.perf_counter() if due < end else 0.05
            for number, _ in self._poll.poll(max(0.0, min(pause, 0.05))):
                self._read(number)
        self._failures += len(waiting) + len(self._busy)
        return self._times()

    def close(self) -> None:
        """Ends the connections."""
        for peer in (*self._free, *(peer for peer, _ in self._busy.values())):
            peer.close()
        self._poll.close()

    def _join(self) -> None:
        peer = dialled(self._port)
        self._poll.register(peer.fileno(), select.EPOLLIN)
        self._free.append(peer)

    def _ask(self, since: float) -> None:
        peer = self._free.popleft()
        self._busy[peer.fileno()] = peer, since
        self._buffers[peer.fileno()] = b""
        peer.send(self._request)

    def _read(self, number: int) -> None:
        entry = self._busy.get(number)
        if entry is None:
            return
        peer, since = entry
        try:
            data = peer.recv(65536)
        except OSError:
            data = b""
        answer = self._buffers[number] = self._buffers[number] + data
        if data and not is_whole(answer):
            return
        took = (time.perf_counter() - since) * 1000
        del self._busy[number]
        if data and answer.startswith(b"HTTP/1.1 200"):
            self._took.append(took)
            self._free.append(peer)
            return
        self._failures += 1
        self._poll.unregister(number)
        peer.close()
        self._join()

    def _times(self) -> Times:
        took = sorted(self._took) or [float("nan")]
        return Times(len(self._took), self._failures, took[len(took) // 2], took[int((len(took) - 1) * 0.99)], took[-1])


def is_whole(answer: bytes) -> bool:
    """Is this all of an answer whose length is declared?"""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    return bool(end) and bool(length) and len(body) >= int(length)
