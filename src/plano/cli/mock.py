"""``plano mock``: a provider for trying, testing and rehearsing outages."""

from __future__ import annotations

import asyncio
import signal

import click
import uvloop

from plano.cli.listening import trouble
from plano.cli.settings import fail, print_json
from plano.mock.behaviour import WORDS, Pace, Script
from plano.mock.control import Control
from plano.mock.provider import MockProvider

_AS_JSON = "as_json"


def _remember(context: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    """Eager, so that it is known whatever stands before it."""
    context.meta[_AS_JSON] = is_asked


def _show_words(context: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    if not is_asked:
        return
    if context.meta[_AS_JSON]:
        print_json({"words": WORDS})
    else:
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
@click.option("--words", is_flag=True, expose_value=False, callback=_show_words, help="All words; nothing is served.")
@click.option(
    *("--json", _AS_JSON),
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_remember,
    help="Where it listens, or all words, as JSON on stdout.",
)
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
        uvloop.run(_serve(provider, (host, port), control_port, as_json=click.get_current_context().meta[_AS_JSON]))
    except OSError as error:
        fail(f"cannot listen on {host}:{port}: {trouble(error)}")


async def _serve(
    provider: MockProvider, place: tuple[str, int], control_port: int | None, *, as_json: bool = False
) -> None:
    host, port = place
    await provider.start(host, port)
    url, control, control_url = f"http://{host}:{provider.port}/v1", Control(provider), None
    click.echo(f"mock provider at {url}", err=True)
    if control_port is not None:
        await control.start(host, control_port)
        control_url = f"http://{host}:{control.port}"
        click.echo(f"control at {control_url}: /ledger /scripts /connections /pace", err=True)
    if as_json:
        print_json({"url": url, "control_url": control_url})
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    provider.stop()
    control.stop()
