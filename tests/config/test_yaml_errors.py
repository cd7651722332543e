"""Syntax errors in words that help."""

from __future__ import annotations

import pytest

from plano.config.document import read


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        ("a: [b", "a list opened with '[' is not closed", 1, 4),
        ("a: {b: c\nd: e\n", "a mapping opened with '{' is not closed", 1, 4),
        ("a: 'b\nc: d\n", "a quoted text is not closed", 1, 4),
        ("a: b\n\tc: d\n", "a tab stands where spaces are needed", 2, 1),
        ("\ta: b\n", "a tab stands where spaces are needed", 1, 1),
        ("a: @b", "a value cannot begin with '@'", 1, 4),
        ("a: `b", "a value cannot begin with a backquote", 1, 4),
        ("a: %b", "a value cannot begin with '%'", 1, 4),
        ("a: b: c", "a ':' stands where no key can be", 1, 5),
        ("a: b\n c: d\n", "a ':' stands where no key can be", 2, 3),
        ("a: b\nc\nd: e\n", "a key without ':'", 3, 1),
        ('a: "\\q"', "an unknown escape in a double-quoted text", 1, 5),
        ("- a\nb: c\n", "a '- ' was expected: this line does not continue the list above", 2, 1),
        ("a:\n  b: c\n d: e\n", "this line does not continue the keys above", 3, 2),
        ("a: - b", "a '- ' stands where no list can begin", 1, 4),
    ],
)
def test_words_and_places(text: str, reason: str, line: int, column: int) -> None:
    """The reason names the likely mistake, and the place is where it can be seen."""
    root, problems = read(text)
    assert root is None
    (problem,) = problems
    assert problem.place is not None
    assert (problem.reason, problem.place.line, problem.place.column) == (reason, line, column)


def test_an_error_at_the_end_points_into_the_text() -> None:
    """When the parser stops behind the last line, the last line with content is shown."""
    (problem,) = read("a: b\nc\n\n\n")[1]
    assert problem.place is not None
    assert problem.place.line == 2
