"""``plano prices``: what models cost, and who says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec

from plano import clock as system
from plano.assembly import board_of
from plano.catalog import shipped
from plano.catalog.kept import KeptPrices
from plano.cli.settings import fail, print_json, read_or_invent
from plano.config.settings import CostSource, Settings
from plano.domain.catalog import PriceFeed
from plano.domain.model import ModelTable
from plano.domain.snapshot import Quote
from plano.errors import FeedError, PlanoError
from plano.observe.log import Log
from plano.server.feeding import Feeding
from plano.signals.prices import Prices
from plano.upstream.feed_client import FeedClient, feed_client
from plano.wire.feeds import PRICE_FORMATS
from plano.wire.feeds.document import MAX_BYTES

_DAY_S = 86_400.0


_AS_JSON = "plano.prices.json"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What stands before the subcommand."""

    file: Path | None
    is_offline: bool


@dataclass(frozen=True, slots=True)
class _Prices:
    """Settings, and the prices of now; ``failures``: what each source said instead of prices."""

    settings: Settings
    prices: Prices
    failures: tuple[str, ...]


def _remember(context: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    """``--json`` counts before the subcommand and behind it."""
    context.find_root().meta[_AS_JSON] = is_asked or _wants_json(context)


def _wants_json(context: click.Context) -> bool:
    return bool(context.meta.get(_AS_JSON))


_json = click.option(
    "--json", is_flag=True, expose_value=False, is_eager=True, callback=_remember, help="JSON on stdout."
)


@click.group("prices", invoke_without_command=True)
@click.option("--config", "-c", "file", type=click.Path(path_type=Path), help="Configuration; default plano.yaml.")
@click.option("--offline", is_flag=True, help="Ask no source; use what was kept of it.")
@_json
@click.pass_context
def command(ctx: click.Context, file: Path | None, offline: bool) -> None:
    """Show prices: those of the file, of its sources, which are asked now, and those that came with Plano.

    Without a subcommand as `list`.
    """
    ctx.obj = _Asked(file, is_offline=offline)
    if ctx.invoked_subcommand is None:
        ctx.invoke(_list)


@command.command("list")
@_json
@click.pass_context
def _list(ctx: click.Context) -> None:
    """List the declared models with their prices, in USD per million tokens; `?` is unknown."""
    found = _prices(ctx.obj)
    rows = [_row(name, found.prices.get(name)) for name in found.settings.models.models]
    if _wants_json(ctx):
        print_json({"prices": rows, "failures": found.failures})
    else:
        width = max([len(name) for name in found.settings.models.models], default=0)
        for name in found.settings.models.models:
            click.echo(f"{name:<{width}}  {_shown(found.prices.get(name))}")
    _report(found)


@command.command("explain")
@_json
@click.argument("model")
@click.pass_context
def _explain(ctx: click.Context, model: str) -> None:
    """Show who says what MODEL costs; the first one counts."""
    found = _prices(ctx.obj)
    name = _resolved(found.settings.models, model)
    opinions = tuple(found.prices.opinions(name))
    if _wants_json(ctx):
        print_json({"model": name, "counts": _row(name, next(iter(opinions), None)), "opinions": opinions})
    else:
        click.echo(name)
        for place, quote in enumerate(opinions):
            click.echo(f"{'  counts  ' if place == 0 else '          '}{_shown(quote)}")
            for tier in quote.price.tiers if quote.price is not None else ():
                rates = f"{tier.rates.input:g} in, {tier.rates.output:g} out"
                click.echo(f"            above {tier.above_tokens:,} tokens of prompt: {rates}")
        if not opinions:
            click.echo("          ?  nobody who is asked knows its price; set one under 'pricing'")
    _report(found)


@command.command("update")
@_json
@click.option("--from", "origin", help="File or URL of a price document, kept for a source of its format.")
@click.pass_context
def _update(ctx: click.Context, origin: str | None) -> None:
    """Keep fresh prices for the next start: from every source of the configuration, or from one document."""
    settings = read_or_invent(ctx.obj.file)
    if not settings.numbers.cost_sources:
        fail("the configuration has no source of prices: add one under 'model_metrics_sources'")
    if settings.overrides.state_dir is None:
        fail("there is no folder to keep prices in: set 'overrides.state_dir' or PLANO_STATE_DIR")
    if origin is None:
        found = _prices(ctx.obj)
        _report(found)
        if _wants_json(ctx):
            print_json({"failures": found.failures})
        ctx.exit(1 if found.failures else 0)
    try:
        source, feed = _told(settings, _document(origin))
    except PlanoError as error:
        fail(f"{origin}: {error.message}")
    if not KeptPrices(settings.overrides.state_dir, system.SystemClock.wall).write(source.url, feed.prices):
        fail(f"the prices cannot be kept in {settings.overrides.state_dir}")
    if _wants_json(ctx):
        print_json({"source": source.name, "prices": len(feed.prices)})
    click.echo(f"{len(feed.prices)} prices kept for {source.name}, used from the next start on", err=True)


def _prices(asked: _Asked) -> _Prices:
    settings = read_or_invent(asked.file)
    clock = system.SystemClock()
    board = board_of(settings, shipped.load(), wall=clock.wall())
    feeding = Feeding(
        settings.numbers,
        board,
        client=feed_client(settings.overrides),
        clock=clock,
        kept=KeptPrices(settings.overrides.state_dir, clock.wall),
        log=Log(None),
    )
    if asked.is_offline:
        feeding.restore()
    else:
        asyncio.run(feeding.ask_once())
    return _Prices(settings, board.prices.at(clock.monotonic()), tuple(feeding.notes))


def _document(origin: str) -> bytes:
    """The bytes of a file or URL. Raises FeedError."""
    if "://" in origin:
        return asyncio.run(FeedClient().fetch(origin))
    try:
        with open(origin, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FeedError(error.strerror or "it cannot be read") from None


def _told(settings: Settings, document: bytes) -> tuple[CostSource, PriceFeed]:
    """The first source whose format the document has, and what it says. Raises FeedError, the last one."""
    error = FeedError("no source of the configuration has this format")
    for source in settings.numbers.cost_sources:
        try:
            feed = PRICE_FORMATS[source.format](document)
        except FeedError as unfit:
            error = unfit
            continue
        if feed.prices:
            return source, feed
        error = FeedError(f"it has a usable price for none of its {feed.unpriced} models")
    raise error


def _resolved(models: ModelTable, name: str) -> str:
    """The declared name, else the name as it stands: any model of a price list may be asked for."""
    model = models.find(name)
    return name if model is None else model.name


def _row(name: str, quote: Quote | None) -> dict[str, Any]:
    rates = None if quote is None or quote.price is None else quote.price.rates
    return {
        "model": name,
        "usd_per_mtok": None if rates is None else msgspec.to_builtins(rates),
        "source": None if quote is None else quote.source,
        "age_s": None if quote is None else round(quote.age_s, 3),
    }


def _shown(quote: Quote | None) -> str:
    if quote is None or quote.price is None:
        return "?"
    rates = quote.price.rates
    parts = [f"{rates.input:g} in", f"{rates.output:g} out"]
    parts += [f"{rates.cached_input:g} cached"] if rates.cached_input is not None else []
    return f"{', '.join(parts)}   {quote.source}{_age(quote.age_s)}"


def _age(age_s: float) -> str:
    return f", {age_s / _DAY_S:.0f} days old" if age_s >= 2 * _DAY_S else ""


def _report(found: _Prices) -> None:
    for failure in found.failures:
        click.echo(f"{failure}; what was kept of it counts", err=True)
