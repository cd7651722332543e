"""Tools for free text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plano.wire.dialects import custom_tools


@given(st.text())
def test_free_text_there_and_back(text: str) -> None:
    """Any text survives as the argument of a function; other arguments are shown as they are."""
    text = text.encode("utf-8", "ignore").decode()
    assert custom_tools.as_text(custom_tools.as_arguments(text)) == text
    assert custom_tools.as_text('{"other": 1}') == '{"other": 1}'
