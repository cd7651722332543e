"""What ``plano up`` says beside its log, on stderr: sentences on a terminal, elsewhere a line of JSON each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click
import msgspec

from plano.config.findings import Finding, render_all


def is_for_people() -> bool:
    """Is stderr a terminal?"""
    return sys.stderr.isatty()


def note(text: str) -> None:
    """Says one sentence."""
    click.echo(text if is_for_people() else json_line({"event": "note", "text": text}), err=True)


def warn(findings: Sequence[Finding]) -> None:
    """Says what is doubtful in the configuration."""
    if is_for_people():
        click.echo(render_all(findings), err=True)
        return
    for finding in findings:
        click.echo(json_line({"event": "warning", **finding.as_json()}), err=True)


def json_line(document: Any) -> str:
    """One JSON document in one line, its end left out."""
    return msgspec.json.encode(document).decode()
