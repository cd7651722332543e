"""How texts of the file are quoted."""

from __future__ import annotations

import pytest

from plano.config.wording import columns, escaped, quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a b é 日", "a b é 日"),
        ("a\tb\nc", "a\\tb\\u{a}c"),
        ("\x1b[31m", "\\u{1b}[31m"),
        ("\u202eabc\u2066", "\\u{202e}abc\\u{2066}"),
        ("a\u00a0b\u200b", "a\\u{a0}b\\u{200b}"),
        ("\ud800", "\\u{d800}"),
    ],
)
def test_escaped(text: str, shown: str) -> None:
    """Control, format and direction characters and odd spaces are escapes, everything else is itself."""
    assert escaped(text) == shown


def test_quoted_is_short() -> None:
    """A quote has at most eighty characters of the text, and says that it was cut."""
    assert quoted("a") == "'a'"
    assert quoted("x" * 80) == f"'{'x' * 80}'"
    assert quoted("x" * 81) == f"'{'x' * 79}…'"


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("日本", 4), ("e\u0301", 1), ("é", 1)])
def test_columns(text: str, width: int) -> None:
    """East Asian wide characters take two columns, combining ones none."""
    assert columns(text) == width
