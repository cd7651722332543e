"""``plano mock``: a provider for trying, testing and rehearsing outages."""

from __future__ import annotations

import asyncio
import signal

import click
import uvloop

from plano.cli.settings import fail
from plano.mock.behaviour import Pace, Script
from plano.mock.provider import MockProvider


@click.command("mock")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=9000, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--latency", default=0.0, metavar="SECONDS", help="Before the first token.")
@click.option("--tokens-per-second", default=0.0, metavar="RATE", help="Afterwards; 0 is all at once.")
@click.option("--fault", default="ok", metavar="WORDS", help="What every model does, call by call: 503,503,ok")
@click.option(
    "--model", "scripts", multiple=True, metavar="ID=WORDS", help="What one model does: gpt-4o=429-retry-after-2,ok"
)
def command(
    host: str, port: int, latency: float, tokens_per_second: float, fault: str, scripts: tuple[str, ...]
) -> None:
    """Serve mock models in the OpenAI dialect, at /v1/chat/completions.

    Any model name is served. A name can also say what goes wrong: mock/429, mock/429-retry-after-7, mock/503,
    mock/reset, mock/silence, mock/cut-after-3, mock/error-after-3, mock/no-done, mock/html.
    """
    try:
        provider = MockProvider(
            pace=Pace(latency, tokens_per_second),
            everyone=Script(tuple(fault.split(","))),
            scripts={
                name: Script(tuple(words.split(","))) for name, _, words in (one.partition("=") for one in scripts)
            },
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    try:
        uvloop.run(_serve(provider, host, port))
    except OSError as error:
        fail(f"cannot listen on {host}:{port}: {error.strerror or error}")


async def _serve(provider: MockProvider, host: str, port: int) -> None:
    await provider.start(host, port)
    click.echo(f"mock provider at http://{host}:{provider.port}/v1", err=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    provider.stop()
