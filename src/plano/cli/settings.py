"""Reading a configuration for a command, and saying what is wrong with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from plano.cli import talk
from plano.config.findings import Finding, render_all
from plano.config.load import from_environment, load
from plano.config.settings import Settings
from plano.errors import ConfigError

DEFAULT_FILE = Path("plano.yaml")


SERVED_BY_MOCK = "PL-C022"


def show_findings(findings: Sequence[Finding]) -> None:
    """Shows them on stderr, for people."""
    click.echo(render_all(findings), err=True)


def read(
    file: Path | None,
    *,
    dev: bool = False,
    calls_models: bool = True,
    warn: Callable[[Sequence[Finding]], None] = show_findings,
) -> Settings:
    """The settings of ``file``; ``warn`` is given the warnings; mistakes go to stderr and end the process with code 1.

    ``calls_models`` False: who would be served by the mock provider is not worth a warning.
    """
    try:
        settings = load(file or DEFAULT_FILE, os.environ, dev=dev)
    except ConfigError as error:
        fail(str(error))
    warnings = [one for one in settings.warnings if calls_models or one.code != SERVED_BY_MOCK]
    if warnings:
        warn(warnings)
    return settings


def read_or_invent(file: Path | None) -> Settings:
    """As ``read`` without need for keys; with neither ``file`` nor ``plano.yaml``, what ``plano up`` would serve."""
    if file is None and not DEFAULT_FILE.exists():
        return from_environment(os.environ) or demo()
    return read(file, dev=True, calls_models=False)


def demo() -> Settings:
    """The settings of ``plano up`` without a file and without keys: three mock models, two routes."""
    return load(Path(__file__).parent / "demo.yaml", {}, dev=True)


def fail(said: str) -> NoReturn:
    """Says why on stderr and ends the process with code 1."""
    click.echo(said, err=True)
    sys.exit(1)


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    click.echo(talk.json_lines(document))


def findings_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Findings as a JSON document."""
    return {"findings": [finding.as_json() for finding in findings]}
