"""A gateway that tells how its event loop fares: gateway.py FILE [--heartbeat | --turns].

Run as a process of its own. It is what ``plano up`` starts. With ``--heartbeat`` each line on stdin is answered by one
on stdout: the longest gap between two beats of the event loop since the line before, in milliseconds, and the most CPU
time that the loop's thread used between two beats, which neighbours on the machine do not lengthen. With ``--turns``
there is a beat in every turn of the loop, between a line and the next one, which is answered with the times in between.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import time
from pathlib import Path

import uvloop

from plano.config.load import load
from plano.observe.log import Log
from plano.server.app import App
from plano.server.process import settle_interpreter

BEAT_S = 0.001


class Heartbeat:
    """Beats every millisecond for as long as the loop runs; or in each of its turns, between two lines on stdin."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, is_of_turns: bool) -> None:
        self._loop = loop
        self._is_of_turns = is_of_turns
        self._is_beating = False
        self._last = time.perf_counter()
        self._last_cpu = time.thread_time()
        self._longest_s = 0.0
        self._most_cpu_s = 0.0

    def beat(self) -> None:
        """Notes how long ago the last beat was, and what was used since then."""
        now, cpu = time.perf_counter(), time.thread_time()
        self._longest_s = max(self._longest_s, now - self._last)
        self._most_cpu_s = max(self._most_cpu_s, cpu - self._last_cpu)
        self._last, self._last_cpu = now, cpu
        if not self._is_of_turns:
            self._loop.call_later(BEAT_S, self.beat)
        elif self._is_beating:
            self._loop.call_soon(self.beat)

    def tell(self) -> None:
        """Answers what stands on stdin; its end is the end of the loop's interest in it."""
        asked = os.read(0, 4096)
        if not asked:
            self._loop.remove_reader(0)
        for _ in range(asked.count(b"\n")):
            os.write(1, f"{self._longest_s * 1000:.3f} {self._most_cpu_s * 1000:.3f}\n".encode())
            self._longest_s = self._most_cpu_s = 0.0
            self._is_beating = not self._is_beating
            if self._is_of_turns and self._is_beating:
                self._last, self._last_cpu = time.perf_counter(), time.thread_time()
                self.beat()


async def serve(app: App, *, has_heartbeat: bool, is_of_turns: bool) -> None:
    """Serves until SIGTERM. Raises OSError when the port is taken."""
    await app.start()
    settle_interpreter()
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if has_heartbeat or is_of_turns:
        heartbeat = Heartbeat(loop, is_of_turns=is_of_turns)
        heartbeat.beat()
        loop.add_reader(0, heartbeat.tell)
    await stop.wait()
    app.close()


def main() -> None:
    """Reads the options and serves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--heartbeat", action="store_true")
    parser.add_argument("--turns", action="store_true")
    chosen = parser.parse_args()
    with open(2, "w", buffering=65536, closefd=False, encoding="utf-8") as stderr:
        app = App(load(chosen.file, os.environ), log=Log(stderr))
        uvloop.run(serve(app, has_heartbeat=chosen.heartbeat, is_of_turns=chosen.turns))


if __name__ == "__main__":
    main()
