"""Where the time of a request goes: the whole gateway in this process, on transports that are not sockets.

Prints the CPU time of a request, a decision and an event of a stream without any system call, the calls of functions
that each of them makes, and each room's share of both, by Python's own profiler (which makes small calls look larger
than they are, everywhere alike).
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, cast

import uvloop
from proxy_bench import workload

import plano
from plano.config.load import load_text
from plano.config.settings import Settings
from plano.observe.log import Log
from plano.server.app import App
from plano.server.connections.connection import HttpConnection
from plano.server.process import settle_interpreter
from plano.upstream.connection import UpstreamConnection
from plano.upstream.pool import Lane

ROUNDS = 12
REQUESTS = 1_000
EVENTS = 5_000
UPSTREAM_PORT = 9
"""Nobody listens there."""

SOURCES = Path(plano.__file__).parent

EVENT = (
    b'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1763800000,"model":"gpt-4o","choices":'
    b'[{"index":0,"delta":{"role":"assistant","content":" t=1234567890123456789 "},"finish_reason":null}]}\n\n'
)
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n%b\r\n" % (len(EVENT), EVENT)


class Transport(asyncio.Transport):
    """Takes everything at once, and tells ``wrote``."""

    def __init__(self, wrote: Callable[[bytes], object]) -> None:
        super().__init__()
        self.wrote = wrote

    def write(self, data: Any) -> None:
        """Tells."""
        self.wrote(data)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """No limits."""

    def get_write_buffer_size(self) -> int:
        """Nothing waits."""
        return 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """A caller on this machine."""
        return ("127.0.0.1", 1) if name == "peername" else default

    def is_closing(self) -> bool:
        """Never."""
        return False

    def abort(self) -> None:
        """Nothing to close."""


class Stage:
    """A gateway whose one caller and whose upstream are played here."""

    def __init__(self, app: App) -> None:
        self.upstreams: list[UpstreamConnection] = []
        self.answer = b""
        self._loop = asyncio.get_running_loop()
        self._written = asyncio.Event()
        self._sent = b""
        self.caller = HttpConnection(app._wires[0], self._loop)
        self.caller.connection_made(Transport(self._caller_hears))
        stage = self

        real = Lane.connect

        async def connect(lane: Lane, *, limit_s: float) -> UpstreamConnection:
            if lane.origin.port != UPSTREAM_PORT:
                return await real(lane, limit_s=limit_s)
            return stage._connected(lane)

        Lane.connect = connect  # type: ignore[assignment,method-assign]  # no network between the gateway and its upstream

    async def ask(self, request: bytes) -> bytes:
        """What the caller hears first."""
        self._written.clear()
        # From the loop, as a socket would: no task is there.
        self._loop.call_soon(self.caller.data_received, request)
        await self._written.wait()
        return self._sent

    def _caller_hears(self, data: bytes) -> None:
        self._sent = data
        self._written.set()

    def _connected(self, lane: Lane) -> UpstreamConnection:
        made = UpstreamConnection(lane._heads, self._loop, on_free=lane._give, on_lost=lane._forget)
        made.connection_made(Transport(lambda _sent: self._loop.call_soon(made.data_received, self.answer)))
        lane._all.add(made)
        self.upstreams.append(made)
        return made


def settings(more: str = "") -> Settings:
    """Two models behind an address that is never connected to; ``more``: further sections."""
    models = "".join(
        f"  - {{model: {name}, access_key: {workload.KEY}, base_url: 'http://127.0.0.1:{UPSTREAM_PORT}'}}\n"
        for name in (workload.MODEL, workload.OTHER_MODEL)
    )
    return load_text(f"version: v0.4.0\nlisteners: [{{port: 0}}]\nmodel_providers:\n{models}{more}", {})


async def measured(name: str, once: Callable[[], Awaitable[object]], count: int) -> None:
    """Prints one table."""
    for _ in range(count // 5):
        await once()
    samples = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(count):
            await once()
        samples.append((time.process_time() - began) / count * 1e6)
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(count):
        await once()
    profile.disable()
    seconds, calls = by_room(profile)
    total, in_all = sum(seconds.values()), sum(calls.values())
    print(f"\n{name}: {min(samples):.1f} µs at best, {statistics.median(samples):.1f} in the middle of {ROUNDS} rounds")
    print(f"{'room':<12}{'share':>7}{'calls':>8}")
    for room, spent in seconds.most_common():
        print(f"{room:<12}{spent / total:>7.1%}{calls[room] / count:>8.1f}")
    print(f"{'together':<12}{'':>7}{in_all / count:>8.1f}")


def by_room(profile: cProfile.Profile) -> tuple[Counter[str], Counter[str]]:
    """Seconds and calls by the folder under ``plano``; what C does counts for whoever asked for it."""
    seconds: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    stats = cast("dict[Any, Any]", pstats.Stats(profile).stats)  # type: ignore[attr-defined]
    for (file, _, _), (_, count, own, _, callers) in stats.items():
        if file != "~":
            seconds[room_of(file)] += own
            calls[room_of(file)] += count
            continue
        for (asker, _, _), (_, asked, spent, _) in callers.items():
            seconds[room_of(asker)] += spent
            calls[room_of(asker)] += asked
    return seconds, calls


def room_of(file: str) -> str:
    """The folder under ``plano``, or ``outside``: the bench itself and the libraries."""
    path = Path(file)
    if not path.is_relative_to(SOURCES):
        return "outside"
    return path.relative_to(SOURCES).parts[0].removesuffix(".py")


async def main() -> None:
    """Three tables."""
    with TemporaryFile("w", encoding="utf-8") as access_log:
        app = App(settings(), log=Log(access_log))
        await app.start()
        settle_interpreter()
        stage = Stage(app)
        body = workload.answer()
        stage.answer = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        chat = workload.wire_request(workload.body(), ())
        decision = workload.wire_request(workload.body(), (), workload.DECISION)
        assert b" 200 OK" in await stage.ask(chat)
        await asyncio.sleep(0.5)
        await measured("a request, answered upstream", lambda: stage.ask(chat), REQUESTS)
        await measured("a decision, remembered", lambda: stage.ask(decision), REQUESTS)
        await measured("an event of a stream", await streaming(stage), EVENTS)
        app.close()


async def streaming(stage: Stage) -> Callable[[], Awaitable[None]]:
    """Begins a stream; each call is one more event of it."""
    stage.answer = STREAM_HEAD + CHUNK
    await stage.ask(workload.wire_request(workload.body(is_stream=True), ()))
    await asyncio.sleep(0.1)
    upstream = stage.upstreams[-1]

    async def event() -> None:
        upstream.data_received(CHUNK)

    return event


if __name__ == "__main__":
    uvloop.run(main())
