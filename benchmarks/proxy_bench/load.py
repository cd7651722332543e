"""Asks: one request, wrk for many, and the stream callers; everything on the load generator's core, bounded in time."""

from __future__ import annotations

import http.client
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from proxy_bench import workload
from proxy_bench.process import LOAD_CORE, DidNotStart, Tree, pinned
from proxy_bench.workload import Fields

READY_S = 120.0
SPARE_S = 60


@dataclass(frozen=True, slots=True)
class Plain:
    """What wrk saw. ``failures``: requests without a good answer. Times in microseconds."""

    requests: int
    seconds: float
    failures: int
    p50_us: float
    p99_us: float


@dataclass(frozen=True, slots=True)
class Streamed:
    """What the stream callers saw. ``first``: to the first event; ``delay``: of an event; microseconds."""

    streams: int
    events: int
    failures: int
    seconds: float
    first_p50_us: float
    first_p99_us: float
    delay_p50_us: float
    delay_p99_us: float


@dataclass(frozen=True, slots=True)
class Asking:
    """Where and what to ask: ``folder`` takes the scripts, ``callers`` is the compiled stream client."""

    folder: Path
    callers: Path
    port: int
    fields: Fields = ()
    path: str = workload.CHAT

    def once(self, *, timeout_s: float = 20.0) -> tuple[int, dict[str, str]]:
        """Status and header fields (lower-case names) of one plain request. Raises OSError, HTTPException."""
        peer = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            sent = {"content-type": "application/json", "authorization": f"Bearer {workload.KEY}", **dict(self.fields)}
            peer.request("POST", self.path, workload.body(), sent)
            answer = peer.getresponse()
            answer.read()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}
        finally:
            peer.close()

    def wait_ready(self, tree: Tree) -> None:
        """Returns once a request is answered with 200. Raises DidNotStart."""
        deadline = time.monotonic() + READY_S
        seen = "no answer"
        while time.monotonic() < deadline:
            tree.check()
            try:
                status, _ = self.once()
            except (OSError, http.client.HTTPException):
                time.sleep(0.002)
                continue
            if status == 200:
                return
            seen = f"status {status}"
            time.sleep(0.05)
        raise DidNotStart(f"{seen} in {READY_S:.0f} s: {tree.last_words()}")

    def plain(self, connections: int, seconds: int) -> Plain:
        """The same request again and again on ``connections`` connections."""
        script = self.folder / "request.lua"
        script.write_text(workload.lua(workload.body(), self.fields, self.path))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--timeout", "20", "-s", str(script)]
        shown = _output([*command, f"http://127.0.0.1:{self.port}"], seconds + SPARE_S)
        line = next(line for line in shown.splitlines() if line.startswith("RESULT "))
        requests, micros, failures, p50, p99 = (float(part) for part in line.split()[1:])
        return Plain(int(requests), micros / 1e6, int(failures), p50, p99)

    def streamed(self, connections: int, streams: int) -> Streamed:
        """``streams`` streams, one after another, on each of ``connections`` connections."""
        request = self.folder / "stream.http"
        request.write_bytes(workload.wire_request(workload.body(is_stream=True), self.fields, self.path))
        command = [str(self.callers), str(self.port), str(request), str(connections), str(streams), str(SPARE_S)]
        finished, events, failures, *times = _output(command, 2 * SPARE_S).split()
        return Streamed(int(finished), int(events), int(failures), *(float(each) for each in times))


def _output(command: list[str], limit_s: float) -> str:
    return subprocess.run(
        pinned(LOAD_CORE, command), capture_output=True, text=True, check=True, timeout=limit_s
    ).stdout
