"""What is wrong with a configuration, and how it is shown: to people with a caret, to machines as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the file: lines and columns count from 1 (columns in characters), the end is not included."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake, before its file is known. ``place``: None when it belongs to no line."""

    code: str
    reason: str
    place: Place | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A source line that is safe to show. ``offset`` and ``width``: the marked part, in columns of a terminal."""

    text: str
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake and its place. ``line`` and ``column`` count from 1, None when it belongs to the file as a whole."""

    code: str
    severity: Severity
    file: str
    line: int | None
    column: int | None
    reason: str
    hint: str | None = None
    excerpt: Excerpt | None = None

    def __str__(self) -> str:
        return render(self)

    def as_json(self) -> dict[str, str | int | None]:
        """The finding for machines; ``suggestion`` is the hint."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "severity": self.severity,
            "reason": self.reason,
            "suggestion": self.hint,
        }


def render(finding: Finding) -> str:
    """The finding for people: several lines, no line break at the end."""
    lines = [f"{finding.severity}[{finding.code}]: {finding.reason}"]
    if finding.line is None:
        lines.append(f"  --> {finding.file}")
    else:
        lines.append(f"  --> {finding.file}:{finding.line}:{finding.column}")
    if finding.excerpt is not None and finding.line is not None:
        number = str(finding.line)
        margin = " " * len(number)
        mark = " " * finding.excerpt.offset + "^" * finding.excerpt.width
        lines += [f"{margin} |", f"{number} | {finding.excerpt.text}".rstrip(), f"{margin} | {mark}"]
    if finding.hint is not None:
        lines.append(f"help: {finding.hint}")
    return "\n".join(lines)


def render_all(findings: Iterable[Finding]) -> str:
    """All findings for people, with an empty line between them, no line break at the end."""
    return "\n\n".join(render(finding) for finding in findings)


def errors_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that stop the start."""
    return tuple(finding for finding in findings if finding.severity == "error")
