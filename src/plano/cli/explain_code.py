"""``plano help``: what a finding means."""

from __future__ import annotations

import click

from plano.cli.settings import fail
from plano.config.codes import CODES


@click.command("help")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a finding CODE such as PL-C012; without CODE, list them all."""
    if code is None:
        for name, each in CODES.items():
            click.echo(f"{name}  {each.title}")
        return
    entry = CODES.get(code.upper())
    if entry is None:
        fail(f"there is no finding {code}; `plano help` lists them")
    click.echo(f"{code.upper()}: {entry.title}\n\n{entry.explanation}")
