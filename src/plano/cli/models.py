"""``plano models``: what can be asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from plano import clock as system
from plano.assembly import price_list
from plano.catalog import shipped
from plano.cli import admin
from plano.cli.amounts import seconds, usd
from plano.cli.cells import padded
from plano.cli.settings import print_json, read_or_invent
from plano.cli.top import standing_of
from plano.cli.tree import cut
from plano.domain.snapshot import Quote


@click.command("models")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--live", is_flag=True, help="Those of a running gateway instead, each with its state.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@admin.option
def command(file: Path | None, live: bool, as_json: bool, url: str) -> None:
    """List the models and aliases declared in FILE (default plano.yaml), with their prices.

    Prices are those of the file, else those that came with Plano; `plano prices` asks the sources as well.
    """
    if live:
        _running(admin.Admin(url).state()["models"], as_json=as_json)
    else:
        _declared(file, as_json=as_json)


def _running(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json({"models": rows})
        return
    click.echo(f"{'model':<44} {'state':<16} {'$/Mtok':>9} {'first token':>12}")
    for row in rows:
        price, latency = row["price_usd_per_mtok"] or {}, row["latency_s"] or {}
        numbers = f"{usd(price.get('value')):>9} {seconds(latency.get('value')):>12}"
        click.echo(f"{padded(cut(row['model'], 44), 44)} {standing_of(row):<16} {numbers}")


def _declared(file: Path | None, *, as_json: bool) -> None:
    settings = read_or_invent(file)
    table = settings.models
    wall = system.SystemClock.wall()
    prices = price_list(settings, shipped.load(), wall=wall).at(0.0)
    rows: list[dict[str, Any]] = [
        {
            "model": name,
            "provider": model.provider,
            "default": name == table.default,
            "mock": model.is_mock,
            "usd_per_mtok": _rates(prices.get(name)),
        }
        for name, model in (*table.models.items(), *((f"{prefix}/*", one) for prefix, one in table.wildcards.items()))
    ]
    aliases = [{"alias": alias, "target": target} for alias, target in table.aliases.items()]
    if as_json:
        print_json({"models": rows, "aliases": aliases})
        return
    for row in rows:
        marks = [mark for mark in ("default", "mock") if row[mark]]
        marked = f"  ({', '.join(marks)})" if marks else ""
        rates = row["usd_per_mtok"]
        priced = f"  {rates['input']:g} in, {rates['output']:g} out USD per million tokens" if rates else "  price ?"
        click.echo(f"{row['model']}{marked}{priced}")
    for alias in aliases:
        click.echo(f"{alias['alias']} -> {alias['target']}")


def _rates(quote: Quote | None) -> dict[str, float] | None:
    if quote is None or quote.price is None:
        return None
    return {"input": quote.price.rates.input, "output": quote.price.rates.output}
