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
    return _shown(msgspec.json.encode(document).decode())


def json_lines(document: Any) -> str:
    """One JSON document for people, two spaces for each level, its end left out."""
    return _shown(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def _shown(json: str) -> str:
    """The same document without a mark that a terminal might obey: names of callers stand in it."""
    if json.isprintable():
        return json
    return "".join([mark if mark.isprintable() or mark == "\n" else _escape(mark) for mark in json])


def _escape(mark: str) -> str:
    """By its number or, where that is a large one, by the two that JSON writes it with (RFC 8259 §7)."""
    units = mark.encode("utf-16-be", "surrogatepass")
    return "".join([f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)])
