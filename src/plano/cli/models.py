"""``plano models``: what can be asked for."""

from __future__ import annotations

from pathlib import Path

import click

from plano.cli.settings import print_json, read_or_invent


@click.command("models")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
def command(file: Path | None, as_json: bool) -> None:
    """List the models and aliases declared in FILE (default plano.yaml)."""
    table = read_or_invent(file).models
    rows = [
        {"model": name, "provider": model.provider, "default": name == table.default, "mock": model.is_mock}
        for name, model in (*table.models.items(), *((f"{prefix}/*", one) for prefix, one in table.wildcards.items()))
    ]
    aliases = [{"alias": alias, "target": target} for alias, target in table.aliases.items()]
    if as_json:
        print_json({"models": rows, "aliases": aliases})
        return
    for row in rows:
        marks = [mark for mark in ("default", "mock") if row[mark]]
        click.echo(f"{row['model']}{'  (' + ', '.join(marks) + ')' if marks else ''}")
    for alias in aliases:
        click.echo(f"{alias['alias']} -> {alias['target']}")
