"""The decision endpoint under load: cached decisions by wrk, and cached ones while new texts are being read."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from proxy_bench import workload
from proxy_bench.load import Asking, Plain

CACHED_GAP_S = 0.002
NEW_GAP_S = 0.05
CONNECTIONS = (1, 16, 64)


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds of ``count`` decisions, and how many were decided without the router because it was late."""

    count: int
    p50_us: float
    p99_us: float
    degraded: int


@dataclass(frozen=True, slots=True)
class Decisions:
    """``cached``: by connections. ``alone``: cached, one connection; ``beside``: the same while ``new`` texts come."""

    cached: dict[int, Plain]
    alone: Times
    beside: Times
    new: Times


def measure(asking: Asking, seconds: int) -> Decisions:
    """Decisions of a gateway that runs; ``seconds`` for each of the five parts."""
    to_decide = replace(asking, path=workload.DECISION)
    to_decide.plain(16, 1)
    cached = {connections: to_decide.plain(connections, seconds) for connections in CONNECTIONS}
    alone = _paced(asking.port, workload.body, CACHED_GAP_S, seconds)
    new: list[Times] = []
    newcomer = threading.Thread(target=lambda: new.append(_paced(asking.port, _fresh(), NEW_GAP_S, seconds)))
    newcomer.start()
    beside = _paced(asking.port, workload.body, CACHED_GAP_S, seconds)
    newcomer.join(seconds + 60)
    return Decisions(cached, alone, beside, new[0])


def lines(decisions: Decisions) -> Iterator[str]:
    """The figures, one line each."""
    for connections, seen in decisions.cached.items():
        yield (
            f"cached, {connections:2} connections  {seen.requests / seen.seconds:8,.0f} req/s"
            f"   p50 {seen.p50_us:7.0f} µs   p99 {seen.p99_us:7.0f} µs   {seen.failures} failures"
        )
    shown = (
        ("cached, paced, alone", decisions.alone),
        (f"cached, beside {1 / NEW_GAP_S:.0f} new/s", decisions.beside),
        ("new texts", decisions.new),
    )
    for name, times in shown:
        tail = f"   {times.degraded} degraded" if times.degraded else ""
        yield f"{name:23} {times.count:6} asked   p50 {times.p50_us:7.0f} µs   p99 {times.p99_us:7.0f} µs{tail}"


def _fresh() -> Callable[[], bytes]:
    numbers = itertools.count(time.monotonic_ns() % 1_000_000_000)
    return lambda: workload.body(f"{workload.PROMPT}, and explain number {next(numbers)} on the way")


def _paced(port: int, body: Callable[[], bytes], gap_s: float, seconds: int) -> Times:
    """Asks on one connection, at most every ``gap_s`` seconds; a late answer delays the next question."""
    took, degraded = [], 0
    end = time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (begin := time.monotonic()) < end:
            request = workload.wire_request(body(), (), workload.DECISION)
            at = time.perf_counter_ns()
            peer.sendall(request)
            head = _answer_head(peer)
            took.append((time.perf_counter_ns() - at) / 1000)
            degraded += b"x-plano-router: degraded" in head
            time.sleep(max(0.0, begin + gap_s - time.monotonic()))
    took.sort()
    return Times(len(took), took[len(took) // 2], took[int((len(took) - 1) * 0.99)], degraded)


def _answer_head(peer: socket.socket) -> bytes:
    """The head, in lower case, of an answer of known length, which is read whole. Raises ConnectionError."""
    data = b""
    while True:
        got = peer.recv(65536)
        if not got:
            raise ConnectionError("the gateway closed the connection")
        data += got
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            continue
        head = head.lower()
        if not head.startswith(b"http/1.1 200"):
            raise ConnectionError(f"not a decision: {head[:40]!r}")
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        if len(rest) >= int(length):
            return head
