"""Syntax errors of YAML in words that help; the table maps the parser's phrases."""

from __future__ import annotations

from typing import NamedTuple

import yaml

from plano.config.findings import Place, Problem


class _Words(NamedTuple):
    phrase: str
    reason: str
    hint: str | None


_WORDS = (
    _Words("tab character that violates", "a tab stands where spaces are needed", "indent with spaces"),
    _Words(
        "mapping values are not allowed", "a ':' stands where no key can be", "check the indentation, or quote the text"
    ),
    _Words("expected ',' or ']'", "a list opened with '[' is not closed", "add ']', or a ',' between the items"),
    _Words("expected ',' or '}'", "a mapping opened with '{' is not closed", "add '}', or a ',' between the entries"),
    _Words(
        "expected '-' indicator",
        "a '- ' was expected: this line does not continue the list above",
        "check the indentation",
    ),
    _Words("expected key", "this line does not continue the keys above", "check the indentation"),
    _Words("could not find expected ':'", "a key without ':'", "write 'key: value'"),
    _Words("unexpected end of stream", "a quoted text is not closed", "add the closing quote"),
    _Words(
        "unknown escape character",
        "an unknown escape in a double-quoted text",
        "use single quotes, or double the backslash",
    ),
    _Words(
        "block sequence entries are not allowed",
        "a '- ' stands where no list can begin",
        "begin the list on its own line",
    ),
    _Words("expected node content", "a value is missing", None),
    _Words("duplicate", "a directive stands twice", None),
)
_UNCLOSED = ("expected ',' or ']'", "expected ',' or '}'", "unexpected end of stream")
_STARTS = {
    "\t": _Words("", "a tab stands where spaces are needed", "indent with spaces"),
    "@": _Words("", "a value cannot begin with '@'", "put the value in quotes"),
    "`": _Words("", "a value cannot begin with a backquote", "put the value in quotes"),
    "%": _Words("", "a value cannot begin with '%'", "put the value in quotes"),
}


def explain(error: yaml.YAMLError, lines: tuple[str, ...]) -> Problem:
    """The error as a problem with its place."""
    phrase = str(getattr(error, "problem", "") or "")
    # What was opened and never closed is found at the end of the file; its beginning helps more.
    is_open = any(each in phrase for each in _UNCLOSED)
    mark = (is_open and getattr(error, "context_mark", None)) or getattr(error, "problem_mark", None)
    if mark is None:
        return Problem("PL-C004", "this is not YAML")
    line, column = _inside(mark.line, mark.column, lines)
    words = _words(phrase, lines[line], column)
    place = Place(line + 1, column + 1, line + 1, column + 2)
    return Problem("PL-C004", words.reason, place, words.hint)


def _inside(line: int, column: int, lines: tuple[str, ...]) -> tuple[int, int]:
    """The same place, or the end of the last line with content when the parser points behind it."""
    if line < len(lines) and lines[line].strip():
        return line, min(column, len(lines[line]))
    line = min(line, len(lines) - 1)
    while line > 0 and not lines[line].strip():
        line -= 1
    return line, len(lines[line].rstrip())


def _words(phrase: str, line: str, column: int) -> _Words:
    if "cannot start any token" in phrase and line[column : column + 1] in _STARTS:
        return _STARTS[line[column]]
    for words in _WORDS:
        if words.phrase in phrase:
            return words
    return _Words("", f"this is not YAML: {phrase}" if phrase else "this is not YAML", None)
