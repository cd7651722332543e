"""From problems to findings: the source line is cut out, masked and escaped, so that it is safe to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plano.config.codes import CODES
from plano.config.document import Node, split_lines
from plano.config.findings import Excerpt, Finding, Place, Problem
from plano.config.secrecy import (
    masked,
    redacted,
    secret_scalars,
    secret_texts,
    spans_by_name,
    spans_by_shape,
    spans_of_comments,
)
from plano.config.wording import columns, escaped, visible

MAX_FINDINGS = 200
_WIDTH = 120
_BEFORE = 60
_LONGEST_TEXT = 600
_Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Source:
    """A text that findings point into. ``root``: its tree, None when it could not be parsed."""

    file: str
    lines: tuple[str, ...]
    masks: dict[int, tuple[_Span, ...]]
    secrets: tuple[str, ...]
    is_parsed: bool

    @classmethod
    def of(cls, file: str, text: str, root: Node | None) -> Source:
        """The source with everything secret in it already known."""
        lines = split_lines(text)
        masks = _masks(root, lines) if root is not None else {}
        return cls(file, lines, masks, secret_texts(root) if root is not None else (), root is not None)


def settle(problems: Iterable[Problem], source: Source) -> tuple[Finding, ...]:
    """The problems as findings, in the order of the file, each once, at most ``MAX_FINDINGS``: errors before others."""
    unique = {(problem.place, problem.code, problem.reason): problem for problem in problems}
    ordered = sorted(unique.values(), key=_position)
    shown = ordered if len(ordered) <= MAX_FINDINGS else _gravest(ordered)
    cells: dict[int, list[str]] = {}
    findings = [_finding(problem, source, cells) for problem in shown]
    if len(ordered) > len(shown):
        said = f"only the first {MAX_FINDINGS} findings are shown, mistakes before warnings"
        findings.append(_finding(Problem("PL-C009", said), source, cells))
    return tuple(findings)


def _gravest(ordered: list[Problem]) -> list[Problem]:
    by_weight = sorted(ordered, key=lambda problem: CODES[problem.code].severity != "error")
    return sorted(by_weight[:MAX_FINDINGS], key=_position)


def _position(problem: Problem) -> tuple[int, int, str]:
    if problem.place is None:
        return 0, 0, problem.code
    return problem.place.line, problem.place.column, problem.code


def _finding(problem: Problem, source: Source, cells: dict[int, list[str]]) -> Finding:
    place = problem.place
    return Finding(
        code=problem.code,
        severity=CODES[problem.code].severity,
        file=escaped(source.file),
        line=None if place is None else place.line,
        column=None if place is None else place.column,
        reason=_sentence(problem.reason, source),
        hint=None if problem.hint is None else _sentence(problem.hint, source),
        excerpt=None if place is None else _excerpt(place, source, cells),
    )


def _sentence(text: str, source: Source) -> str:
    safe = escaped(redacted(text, source.secrets))
    return safe if len(safe) <= _LONGEST_TEXT else safe[: _LONGEST_TEXT - 1] + "…"


def _excerpt(place: Place, source: Source, cells: dict[int, list[str]]) -> Excerpt | None:
    if place.line > len(source.lines):
        return None
    if place.line not in cells:
        cells[place.line] = _cells(source, place.line)
    row = cells[place.line]
    start = min(place.column - 1, len(row))
    end = place.end_column - 1 if place.end_line == place.line else len(source.lines[place.line - 1].rstrip())
    is_short = len(row) <= 2 * _WIDTH and columns("".join(row)) <= _WIDTH
    first = 0 if is_short else max(0, start - _BEFORE)
    head = "…" if first else ""
    text = _cut(head + "".join(row[first : first + 2 * _WIDTH]))
    offset = columns(head + "".join(row[first:start]))
    width = columns("".join(row[start : min(end, first + 2 * _WIDTH)]))
    return Excerpt(text, offset, max(1, min(width, columns(text) - offset)))


def _cut(text: str) -> str:
    """The text, or as much of it as fits ``_WIDTH`` columns."""
    if columns(text) <= _WIDTH:
        return text
    while columns(text) >= _WIDTH:
        text = text[:-1]
    return text + "…"


def _cells(source: Source, number: int) -> list[str]:
    """What is shown for each character of a line; a masked stretch is shown at its first character."""
    line = source.lines[number - 1]
    row = [visible(character) for character in line]
    for start, end, replacement in _spans(source, number):
        if start < end:
            row[start:end] = [escaped(replacement)] + [""] * (end - start - 1)
    return row


def _spans(source: Source, number: int) -> Iterator[_Span]:
    line = source.lines[number - 1]
    yield from spans_by_shape(line, source.secrets)
    yield from spans_of_comments(line)
    if not source.is_parsed:
        yield from spans_by_name(line, source.lines[number - 2] if number > 1 else "")
    for start, end, replacement in source.masks.get(number, ()):
        yield start, min(end, len(line)), replacement


def _masks(root: Node, lines: tuple[str, ...]) -> dict[int, tuple[_Span, ...]]:
    found: dict[int, list[_Span]] = {}
    for scalar in secret_scalars(root):
        place = scalar.place
        for number in range(place.line, min(place.end_line, len(lines)) + 1):
            line = lines[number - 1]
            start = place.column - 1 if number == place.line else 0
            end = place.end_column - 1 if number == place.end_line else len(line)
            found.setdefault(number, []).append((start, end, masked(line[start:end])))
    return {number: tuple(spans) for number, spans in found.items()}
