"""What ``plano up`` says beside its log, on stderr: sentences on a terminal, elsewhere a line of JSON each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import click
import msgspec

from plano.config.findings import Finding, render_all


def is_for_people() -> bool:
    """Is stderr a terminal?"""
    return sys.stderr.isatty()


def say(text: str) -> None:
    """Says it as it is. A disk that is full, or a reader that is gone, is no reason not to serve."""
    with suppress(OSError):
        click.echo(text, err=True)


def finish() -> None:
    """To be called before the process ends: of what could not be written Python would make exit status 120."""
    try:
        sys.stderr.flush()
    except OSError:
        with suppress(OSError):
            sys.stderr.close()


def note(text: str) -> None:
    """Says one sentence."""
    say(text if is_for_people() else json_line({"event": "note", "text": text}))


def warn(findings: Sequence[Finding]) -> None:
    """Says what is doubtful in the configuration."""
    if is_for_people():
        say(render_all(findings))
        return
    for finding in findings:
        say(json_line({"event": "warning", **finding.as_json()}))


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
