"""What being seen costs: CPU time of a request with the log, metrics, records, series and traces on and off.

Caller and upstream are played in this process, as in hot_path.py. The sets take turns, round by round, so that a busy
machine is as unkind to each of them, and the best round of each counts; the median of what a round took more than the
``off`` of its own turn says whether the best ones were lucky. All threads are counted; the receiver of the traces is a
process of its own, and is not.

``off`` is a gateway that shows nothing: it still learns from every answer what ranking goes by, and makes the entry of
it that everything else shares. ``bare`` remembers nothing at all, which no gateway does.

Run it on a machine with a free core as well as under ``taskset -c 0``: what a thread costs that waits for the
interpreter's lock is only to be seen on the former.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from tempfile import TemporaryFile

import uvloop
from hot_path import Stage, settings
from proxy_bench import workload

from plano.observe.entry import Entry
from plano.observe.log import Log
from plano.observe.traces.exporter import LARGEST_BATCH
from plano.server.app import App
from plano.server.process import settle_interpreter

Reader = Callable[[Sequence[Entry]], None]

ROUNDS = 60
REQUESTS = 3 * LARGEST_BATCH
"""Whole batches of spans: the exporter waits a second for one to fill, and asking whether it has sent it costs time."""
LEARNING = "learning"
READERS, COUNTERS = ("log", "records", LEARNING, "traces"), ("metrics", "series")
EVERY = (*COUNTERS, *READERS)
SHOWING = tuple(name for name in EVERY if name != LEARNING)
SETS = {
    "bare": (),
    "off": (LEARNING,),
    **{name: (LEARNING, name) for name in SHOWING},
    "all but traces": EVERY[:-1],
    "all": EVERY,
}


async def main(receiver: str) -> None:
    """Prints one row for each set."""
    with TemporaryFile("w", encoding="utf-8") as access_log:
        app = App(settings(f"tracing: {{opentracing_grpc_endpoint: '{receiver}'}}\n"), log=Log(access_log))
        journal, traces = app._journal, app._traces.counts
        read: dict[str, Reader] = dict(zip(READERS, journal._readers, strict=True))
        counted = dict(zip(COUNTERS, journal._counters, strict=True))
        await app.start()
        settle_interpreter()
        stage = Stage(app)
        body = workload.answer()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        stage.answer = head + body
        spent: dict[str, list[float]] = {chosen: [] for chosen in SETS}
        for _ in range(ROUNDS):
            for chosen, names in SETS.items():
                journal._readers = tuple([read[name] for name in names if name in read])
                journal._counters = tuple([counted[name] for name in names if name in counted])
                spent[chosen].append(await one_round(app, stage))
        app.close()
    print(f"{'on':<16}{'CPU µs':>9}{'more':>8}{'in the median':>15}   a request, best of {ROUNDS} rounds")
    for chosen, rounds in spent.items():
        more = statistics.median(one / off - 1 for one, off in zip(rounds, spent["off"], strict=True))
        print(f"{chosen:<16}{min(rounds):>9.1f}{min(rounds) / min(spent['off']) - 1:>8.1%}{more:>15.1%}")
    print(f"traces sent {traces.sent}, dropped {traces.dropped}")


async def one_round(app: App, stage: Stage) -> float:
    """CPU microseconds of a request. Without any reader, nothing is kept of an entry."""
    chat, journal, traces = workload.wire_request(workload.body(), ()), app._journal, app._traces.counts
    began = time.process_time()
    for _ in range(REQUESTS):
        await stage.ask(chat)
        if not journal._readers and not journal._counters:
            journal._batch = None
    journal.flush()
    while traces.sent + traces.dropped < traces.taken:  # noqa: ASYNC110 - it has no event to give
        await asyncio.sleep(0.001)
    return (time.process_time() - began) / REQUESTS * 1e6


class Receiver(BaseHTTPRequestHandler):
    """Takes every batch of spans."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Takes one."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Silent."""


if __name__ == "__main__":
    if sys.argv[1:] == ["--receive"]:
        with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
            print(server.server_address[1], flush=True)
            server.serve_forever()
    with subprocess.Popen([sys.executable, __file__, "--receive"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            uvloop.run(main(f"http://127.0.0.1:{process.stdout.readline().strip()}"))
        finally:
            process.kill()
