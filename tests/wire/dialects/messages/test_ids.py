"""Ids of tool calls."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plano.wire.dialects.messages import ids


@given(st.text(min_size=1))
def test_ids_are_safe(call_id: str) -> None:
    """Whatever came, Anthropic takes it; what it takes already stays."""
    made = ids.safe(call_id)
    assert made
    assert made == ids.safe(made)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
