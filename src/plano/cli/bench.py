"""``plano bench``: what routing costs on this machine, with models that answer at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import click
import msgspec
import uvloop

from plano.assembly import Decider
from plano.cli.settings import print_json, read_or_invent
from plano.cli.up import mock_endpoint
from plano.config.settings import Admin, Listener, Observability, Settings, Tracing
from plano.domain.request import Wishes
from plano.mock.provider import MockProvider
from plano.observe.log import Log
from plano.server.app import App

WARM_UP = 20
_TYPE = "content-type: application/json"
_TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


class Row(msgspec.Struct, frozen=True):
    """What was measured, in milliseconds."""

    what: str
    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, what: str, seconds: Sequence[float]) -> Row:
        """The row of single measurements."""
        ordered = sorted(seconds)
        at = [ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000.0 for share in (0.50, 0.99)]
        return cls(what, round(at[0], 3), round(at[1], 3))

    def __str__(self) -> str:
        return f"{self.what:<34} {self.p50_ms:>9.3f} ms {self.p99_ms:>9.3f} ms"


@click.command("bench")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--requests", default=500, show_default=True, type=click.IntRange(1, 1_000_000), help="Of each kind.")
@click.option("--concurrency", default=16, show_default=True, type=click.IntRange(1, 1000), help="Connections at once.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
def command(file: Path | None, requests: int, concurrency: int, as_json: bool) -> None:
    """Measure decisions and requests under FILE (default plano.yaml), every model a mock that answers at once.

    Client, gateway and mock share one process: what they take of each other is in the numbers. No key is needed and no
    provider is called.
    """
    settings = read_or_invent(file)
    rows = _decisions(settings, requests)
    overhead, rate = uvloop.run(_requests(settings, requests, concurrency))
    rows += overhead
    added = round(overhead[1].p50_ms - overhead[0].p50_ms, 3)
    if as_json:
        print_json({"rows": rows, "added_ms": added, "requests_per_second": round(rate)})
        return
    click.echo(f"{'':<34} {'p50':>12} {'p99':>12}")
    for row in rows:
        click.echo(str(row))
    click.echo(f"{'added by the gateway':<34} {added:>9.3f} ms")
    click.echo(f"{f'requests a second, {concurrency} at once':<34} {rate:>9.0f}")


def _decisions(settings: Settings, requests: int) -> list[Row]:
    """Decisions in this process: of texts the router has not seen, and of one it has."""
    decider = Decider.build(settings)
    decider.warm()
    model = _any_model(settings)
    number = count()

    def decide(text: str) -> None:
        decider.decide(decider.parse(_body(model, text)), Wishes(_TRACE_ID))

    new = _timed(lambda: decide(f"write a sorting algorithm in Python, the {next(number)}th"), requests)
    seen = _timed(lambda: decide("write a sorting algorithm in Python"), requests)
    return [Row.of("a decision, new text", new), Row.of("a decision, seen before", seen)]


def _timed(work: Callable[[], None], times: int) -> list[float]:
    took = []
    for _ in range(WARM_UP + times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return took[WARM_UP:]


async def _requests(settings: Settings, requests: int, concurrency: int) -> tuple[list[Row], float]:
    """Requests one after the other, past the gateway and through it; and how many it answers in a second."""
    body = _body(_any_model(settings), "write a sorting algorithm in Python")
    async with _served(settings) as (gateway, mock):
        direct = await _one_by_one(mock, body, requests)
        through = await _one_by_one(gateway, body, requests)
        began = time.perf_counter()
        await asyncio.gather(*[_one_by_one(gateway, body, requests // concurrency + 1) for _ in range(concurrency)])
        rate = (requests // concurrency + 1 + WARM_UP) * concurrency / (time.perf_counter() - began)
    return [Row.of("a request, past the gateway", direct), Row.of("a request, by the gateway", through)], rate


@asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[tuple[int, int]]:
    """The ports of a gateway and of the mock behind it."""
    mock = MockProvider()
    await mock.start()
    app = App(_alone(settings, mock.port), log=Log(None))
    await app.start()
    try:
        yield app.ports[0], mock.port
    finally:
        app.close()
        mock.stop()


def _alone(settings: Settings, mock_port: int) -> Settings:
    """The same models and routes, with nobody outside this process: no provider, no source of numbers, no receiver."""
    endpoint = mock_endpoint(mock_port)
    return replace(
        settings,
        models=settings.models.changed(lambda model: replace(model, endpoint=endpoint)),
        listeners=(Listener("bench", port=0),),
        admin=Admin(enabled=False),
        callers=(),
        numbers=replace(settings.numbers, cost_sources=(), latency_source=None),
        tracing=Tracing(),
        observability=Observability(),
    )


async def _one_by_one(port: int, body: bytes, requests: int) -> list[float]:
    """Seconds of each request on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n{_TYPE}\r\ncontent-length: {len(body)}\r\n\r\n"
    took = []
    try:
        for _ in range(WARM_UP + requests):
            began = time.perf_counter()
            writer.write(head.encode() + body)
            fields = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            length = next(int(each.partition(":")[2]) for each in fields if each.startswith("content-length:"))
            await reader.readexactly(length)
            took.append(time.perf_counter() - began)
    finally:
        writer.close()
    return took[WARM_UP:]


def _any_model(settings: Settings) -> str:
    table = settings.models
    wildcard = next((f"{prefix}/any" for prefix in table.wildcards), "auto")
    return table.default or next(iter(table.models), wildcard)


def _body(model: str, text: str) -> bytes:
    return msgspec.json.encode({"model": model, "messages": [{"role": "user", "content": text}]})
