"""``plano schema``: for editors that complete and check YAML."""

from __future__ import annotations

import click

from plano.cli.settings import print_json
from plano.config.reference import json_schema


@click.command("schema")
@click.option("--json", "_as_json", is_flag=True, help="JSON, as always.")
def command(_as_json: bool) -> None:
    """Print the JSON Schema of the configuration."""
    print_json(json_schema())
