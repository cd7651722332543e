"""Ordinary traffic beside 2,000 callers that drip: slow_callers.py [--rounds N] [--drips N] [--burst].

The gateway is `plano up` on one core; the mock model server and all callers share the other one, where the callers that
drip take a good part of the time themselves. So a round has three parts: the traffic alone, the traffic while they drip
into sockets that nobody reads, and the traffic while they drip into the gateway. What the gateway has to answer for is
the third part beside the second.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge_bench.callers import Paced, Times, descriptors
from edge_bench.drips import End
from proxy_bench import install
from proxy_bench.measure import Server, Site, say, servers, upstream
from proxy_bench.process import LOAD_CORE, pinned

BUILD = Path(__file__).resolve().parent.parent / "build"
HERE = Path(__file__).resolve().parent
TARGET = 1.5
SPARE_S = 30


@dataclass(frozen=True, slots=True)
class Part:
    """Ordinary traffic for a while. ``cpu``: share of its core that the gateway used."""

    seen: Times
    cpu: float


@dataclass(frozen=True, slots=True)
class Round:
    """The parts of a round. ``strangers``: requests that reached the model server and were not the traffic's."""

    alone: Part
    elsewhere: Part
    beside: Part
    ends: tuple[End, ...]
    strangers: int


def main() -> int:
    """Prints the rounds and what they say; 1 when nothing can be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=18, help="of each part; the slow bodies last 14")
    parser.add_argument("--drips", type=int, default=2000)
    parser.add_argument("--burst", action="store_true", help="all of them drip in the same instant")
    parser.add_argument("--connections", type=int, default=16, help="of the ordinary traffic")
    parser.add_argument("--rate", type=int, default=400, help="of the ordinary traffic, requests a second")
    chosen = parser.parse_args()
    descriptors(2 * chosen.drips + 1000)
    os.sched_setaffinity(0, {LOAD_CORE % (os.cpu_count() or 1)})
    missing: dict[str, str] = {}
    try:
        with (
            tempfile.TemporaryDirectory(prefix="slow-bench-") as folder,
            upstream(Path(folder), BUILD) as site,
            servers(site, ("plano",), 1, missing) as running,
        ):
            for server in running.values():
                server.tree.resume()
                print("\n".join(_report(_rounds(site, server, chosen), chosen)))
    except install.Missing as error:
        missing["plano"] = str(error)
    for name, reason in missing.items():
        print(f"not measured, {name}: {reason}")
    return 1 if missing else 0


def _rounds(site: Site, server: Server, chosen: argparse.Namespace) -> list[Round]:
    traffic = Paced(server.port, connections=chosen.connections, rate=chosen.rate)
    traffic.run(2)
    rounds = []
    for number in range(chosen.rounds):
        say(f"round {number + 1} of {chosen.rounds}")
        before = _served(site)
        alone = _part(traffic, server, chosen.seconds)
        with _unread(chosen.drips) as port, _dripping(port, chosen) as drips:
            elsewhere = _part(traffic, server, chosen.seconds)
            drips.communicate(timeout=chosen.seconds + SPARE_S)
        with _dripping(server.port, chosen) as drips:
            beside = _part(traffic, server, chosen.seconds)
            printed, _ = drips.communicate(timeout=chosen.seconds + SPARE_S)
        ends = tuple(End(**json.loads(line)) for line in printed.splitlines())
        known = sum(part.seen.count + part.seen.failures for part in (alone, elsewhere, beside))
        rounds.append(Round(alone, elsewhere, beside, ends, _served(site) - before - known))
        time.sleep(1)
    traffic.close()
    return rounds


def _part(traffic: Paced, server: Server, seconds: int) -> Part:
    cpu, begin = server.tree.cpu_s(), time.monotonic()
    seen = traffic.run(seconds)
    return Part(seen, (server.tree.cpu_s() - cpu) / (time.monotonic() - begin))


@contextmanager
def _unread(callers: int) -> Iterator[int]:
    """A port whose connections the system keeps, with what comes in them, and nobody accepts."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(callers)
        yield door.getsockname()[1]


def _dripping(port: int, chosen: argparse.Namespace) -> subprocess.Popen[str]:
    how = ["burst"] if chosen.burst else []
    command = [sys.executable, "-m", "edge_bench.drips", str(port), str(chosen.drips), str(chosen.seconds), *how]
    return subprocess.Popen(pinned(LOAD_CORE, command), stdout=subprocess.PIPE, text=True, cwd=HERE)


def _served(site: Site) -> int:
    peer = http.client.HTTPConnection("127.0.0.1", site.upstream, timeout=SPARE_S)
    peer.request("GET", "/")
    served = int(peer.getresponse().read())
    peer.close()
    return served


def _report(rounds: list[Round], chosen: argparse.Namespace) -> list[str]:
    lines = [f"{chosen.rate} requests/s on {chosen.connections} connections, {chosen.drips} dripping callers"]
    for number, each in enumerate(rounds):
        for name, part in (("alone", each.alone), ("elsewhere", each.elsewhere), ("beside", each.beside)):
            seen = part.seen
            lines.append(
                f"round {number + 1} {name:9}  {seen.count:6} asked  {seen.failures} failed   p50 {seen.p50_ms:6.2f} ms"
                f"   p99 {seen.p99_ms:6.2f} ms   worst {seen.worst_ms:7.2f} ms   gateway {part.cpu:4.0%} of a core"
            )
    lines += [
        _ratio("p99 beside / elsewhere", [each.beside.seen.p99_ms / each.elsewhere.seen.p99_ms for each in rounds]),
        _ratio("p50 beside / elsewhere", [each.beside.seen.p50_ms / each.elsewhere.seen.p50_ms for each in rounds]),
        _ratio("p99 beside / alone", [each.beside.seen.p99_ms / each.alone.seen.p99_ms for each in rounds]),
        _ratio("p99 elsewhere / alone", [each.elsewhere.seen.p99_ms / each.alone.seen.p99_ms for each in rounds]),
    ]
    lines += [f"target: p99 at most {TARGET:.1f}"]
    lines += ["how the dripping callers ended, last round (least … median … most):"]
    for end in rounds[-1].ends:
        ages = f"{'age' if end.how == 'open' else 'after'} {end.least_s:.1f} … {end.median_s:.1f} … {end.most_s:.1f} s"
        ages += f", {end.unclosed} of them not closed yet" if end.unclosed else ""
        lines.append(f"  {end.kind:20} {end.how:7} {end.count:6}   {ages}")
    lines += [f"requests of theirs that reached the model server: {sum(each.strangers for each in rounds)}"]
    return lines


def _ratio(name: str, values: list[float]) -> str:
    return f"{name:24}{statistics.median(values):.2f} ({min(values):.2f} … {max(values):.2f})"


if __name__ == "__main__":
    sys.exit(main())
