"""What being seen costs of all the CPU of a request, the kernel's part included: observe_sockets.py [--rounds N].

As ``observe.py``, over real sockets: a gateway on one core, wrk and the mock upstream on the other. It changes what it
keeps between rounds, so that the sets take turns in one process; a comparison is made within a round, and the median of
the rounds is shown. CPU is the kernel's account of the gateway's process. Needs wrk and gcc.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import signal
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop
from proxy_bench.load import Asking
from proxy_bench.measure import free_port, upstream
from proxy_bench.process import GATEWAY_CORE, LOAD_CORE, Tree, pinned
from proxy_bench.stacks import STACKS, Place

from observe import COUNTERS, EVERY, LEARNING, READERS
from plano.config.load import load
from plano.observe.log import Log
from plano.server.app import App
from plano.server.process import settle_interpreter

BUILD = Path(__file__).resolve().parent.parent / "build"
CONNECTIONS = 64
SETS: dict[str, tuple[str, ...]] = {"off": (LEARNING,), "all but traces": EVERY[:-1], "all": EVERY}


async def serve(file: Path, log: Log) -> None:
    """A gateway that goes on to the next set at every SIGUSR1."""
    app = App(load(file, os.environ), log=log)
    journal, turn = app._journal, itertools.cycle(SETS.values())
    read = dict(zip(READERS, journal._readers, strict=True))
    counted = dict(zip(COUNTERS, journal._counters, strict=True))

    def go_on() -> None:
        names = next(turn)
        journal.flush()
        journal._readers = tuple([read[name] for name in names if name in read])
        journal._counters = tuple([counted[name] for name in names if name in counted])

    await app.start()
    settle_interpreter()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, go_on)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    app.close()


def main() -> None:
    """Prints one row for each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=2, help="of each set in a round")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        with open(2, "w", buffering=65536, closefd=False, encoding="utf-8") as stderr:
            uvloop.run(serve(chosen.serve, Log(stderr)))
        return
    receive = pinned(LOAD_CORE, [sys.executable, str(Path(__file__).with_name("observe.py")), "--receive"])
    with (
        TemporaryDirectory(prefix="observe-bench-") as folder,
        upstream(Path(folder), BUILD) as site,
        subprocess.Popen(receive, stdout=subprocess.PIPE, text=True) as receiver,
    ):
        assert receiver.stdout is not None
        port = free_port()
        (plano,) = [stack for stack in STACKS if stack.name == "plano"]
        name, text = plano.config(Place(Path(folder), BUILD, port, site.upstream))
        to = f"http://127.0.0.1:{receiver.stdout.readline().strip()}"
        sent = f"\ntracing: {{opentracing_grpc_endpoint: '{to}'}}\n"
        (site.folder / name).write_text(text + sent, encoding="utf-8")
        tree = Tree(
            [sys.executable, __file__, "--serve", str(site.folder / name)],
            core=GATEWAY_CORE,
            log=site.folder / "gateway.log",
            folder=site.folder,
        )
        try:
            asking = Asking(site.folder, site.callers, port)
            asking.wait_ready(tree)
            asking.plain(CONNECTIONS, chosen.seconds)
            rows = [_round(tree, asking, chosen.seconds) for _ in range(chosen.rounds)]
        finally:
            tree.stop()
            receiver.kill()
    print(f"{'on':<16}{'CPU µs':>9}{'more':>8}   a request over sockets, median of {chosen.rounds} rounds")
    for kept in SETS:
        spent = statistics.median(row[kept] for row in rows)
        more = statistics.median(row[kept] / row["off"] - 1 for row in rows)
        print(f"{kept:<16}{spent:>9.1f}{more:>8.1%}")


def _round(tree: Tree, asking: Asking, seconds: int) -> dict[str, float]:
    """CPU microseconds of a request under each set."""
    spent = {}
    for kept in SETS:
        tree.tell(signal.SIGUSR1)
        asking.once()
        before = tree.cpu_s()
        seen = asking.plain(CONNECTIONS, seconds)
        if seen.failures:
            sys.exit(f"{seen.failures} requests failed")
        spent[kept] = (tree.cpu_s() - before) / seen.requests * 1e6
    return spent


if __name__ == "__main__":
    main()
