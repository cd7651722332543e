"""Text that may stand in a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.observe.visible import visible

ANY_TEXT = st.text(st.characters())
"""Lone surrogates and control characters included."""


@given(ANY_TEXT)
def test_one_line_that_can_be_encoded(text: str) -> None:
    """Whatever comes in, what comes out is printable, one line, and UTF-8; printable text is left alone."""
    shown = visible(text)
    assert shown.isprintable()
    assert len([shown, *shown.splitlines()]) <= 2
    shown.encode()
    assert shown == text or not text.isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\nb", "a\\u000ab"), ("\x1b[31m", "\\u001b[31m"), ("\u202ex", "\\u202ex"), ("\ud800", "\\ud800"), ("é", "é")],
)
def test_marks_by_their_numbers(text: str, shown: str) -> None:
    """Line ends, escapes, direction marks and lone surrogates are shown by number, letters as they are."""
    assert visible(text) == shown
