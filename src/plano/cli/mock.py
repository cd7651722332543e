"""``plano mock``: a provider for trying, testing and rehearsing outages."""

from __future__ import annotations

import asyncio
import signal

import click
import uvloop

from plano.cli.settings import fail
from plano.mock.behaviour import WORDS, Pace, Script
from plano.mock.control import Control
from plano.mock.provider import MockProvider


def _show_words(context: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        width = max(map(len, WORDS))
        for word, meaning in WORDS.items():
            click.echo(f"{word.ljust(width)}  {meaning}")
        context.exit()


@click.command("mock")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=9000, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--control-port", type=int, help="Port for scripts and the ledger; 0 takes a free one. Default: none.")
@click.option("--latency", default=0.0, metavar="SECONDS", help="Before the first token.")
@click.option("--tokens-per-second", default=0.0, metavar="RATE", help="Afterwards; 0 is all at once.")
@click.option("--fault", default="ok", metavar="WORDS", help="What every model does, call by call: 503,503,ok")
@click.option(
    "--model", "scripts", multiple=True, metavar="ID=WORDS", help="What one model does: gpt-4o=429-retry-after-2,ok"
)
@click.option("--words", is_flag=True, is_eager=True, expose_value=False, callback=_show_words, help="All words.")
def command(
    host: str,
    port: int,
    control_port: int | None,
    latency: float,
    tokens_per_second: float,
    fault: str,
    scripts: tuple[str, ...],
) -> None:
    """Serve mock models: chat completions, messages and responses.

    Any model name is served, in the dialect of the path. A name can also say what goes wrong: mock/429,
    mock/429-retry-after-7, mock/reset, mock/cut-after-3; --words lists them all.
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
        uvloop.run(_serve(provider, (host, port), control_port))
    except OSError as error:
        fail(f"cannot listen on {host}:{port}: {error.strerror or error}")


async def _serve(provider: MockProvider, place: tuple[str, int], control_port: int | None) -> None:
    host, port = place
    await provider.start(host, port)
    click.echo(f"mock provider at http://{host}:{provider.port}/v1", err=True)
    control = Control(provider)
    if control_port is not None:
        await control.start(host, control_port)
        click.echo(f"control at http://{host}:{control.port}: /ledger /scripts /connections /pace", err=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    provider.stop()
    control.stop()
