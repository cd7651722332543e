"""``plano validate``: every mistake of a configuration, before it serves anybody."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from plano.assembly import Decider
from plano.cli.settings import DEFAULT_FILE, findings_json, print_json
from plano.config.findings import Finding, render_all
from plano.config.load import load
from plano.errors import ConfigError
from plano.evaluate.rehearsal import failures


@click.command("validate")
@click.argument("file", type=click.Path(path_type=Path), default=DEFAULT_FILE)
@click.option("--dev", is_flag=True, help="Keys need not be set, as for `plano up --dev`.")
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON on stdout.")
def command(file: Path, dev: bool, as_json: bool) -> None:
    """Check the configuration FILE (default plano.yaml); exit 1 when it cannot be used."""
    try:
        settings = load(file, os.environ, dev=dev)
    except ConfigError as error:
        _report([finding for finding in error.findings if isinstance(finding, Finding)], as_json=as_json)
        sys.exit(1)
    _report(settings.warnings, as_json=as_json)
    failed = tuple(failures(Decider.build(settings), settings.tests)) if settings.tests else ()
    for line in failed:
        click.echo(f"test failed: {line}", err=True)
    if failed:
        sys.exit(1)
    models, routes = len(settings.models.models) + len(settings.models.wildcards), len(settings.routes.routes)
    click.echo(f"{file}: ok, {models} models, {routes} routes", err=True)


def _report(findings: tuple[Finding, ...] | list[Finding], *, as_json: bool) -> None:
    if as_json:
        print_json(findings_json(findings))
    elif findings:
        click.echo(render_all(findings), err=True)
