"""``plano config show``: what the gateway understood."""

from __future__ import annotations

from pathlib import Path

import click

from plano.cli.settings import read
from plano.config.show import printed


@click.group("config")
def command() -> None:
    """Show the configuration as the gateway understands it."""


@command.command("show")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--origin", is_flag=True, help="With each value, where it comes from.")
@click.option("--dev", is_flag=True, help="Keys need not be set, as for `plano up --dev`.")
@click.option("--json", "_as_json", is_flag=True, help="JSON, as always.")
def show(file: Path | None, origin: bool, dev: bool, _as_json: bool) -> None:
    """Print the effective values of FILE (default plano.yaml); keys as name and fingerprint."""
    click.echo(printed(read(file, dev=dev), origins=origin))
