"""``plano validate``: every mistake of a configuration, before it serves anybody."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
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
        _report([finding for finding in error.findings if isinstance(finding, Finding)], (), as_json=as_json)
        sys.exit(1)
    failed = tuple(failures(Decider.build(settings), settings.tests)) if settings.tests else ()
    _report(settings.warnings, failed, as_json=as_json)
    if failed:
        sys.exit(1)
    models, routes = len(settings.models.models) + len(settings.models.wildcards), len(settings.routes.routes)
    click.echo(f"{file}: ok, {models} models, {routes} routes", err=True)


def _report(findings: Sequence[Finding], failed: Sequence[str], *, as_json: bool) -> None:
    """``failed``: a line for each of the file's own tests that fails."""
    if as_json:
        print_json({**findings_json(findings), "failed_tests": failed})
    elif findings:
        click.echo(render_all(findings), err=True)
    for line in failed:
        click.echo(f"test failed: {line}", err=True)
