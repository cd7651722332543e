"""Keys in a provider's texts."""

from __future__ import annotations

import pytest

from plano.domain.secret import Secret
from plano.upstream.redaction import clean, clean_text

KNOWN = (Secret("the-known-key"), Secret(""))


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: the-known-key.",
        "Incorrect API key provided: sk-proj-abc123456789.",
        "bad token Bearer abcdefgh12345678",
        "key gsk_abcdef123456",
        "API key not valid: AIzaSyA1234567890",
    ],
)
def test_keys_are_masked(text: str) -> None:
    """The known key, and whatever has the shape of one."""
    shown = clean_text(text, KNOWN)
    assert "***" in shown
    assert not {"the-known-key", "abc123456789", "abcdefgh12345678", "gsk_abcdef123456", "AIzaSyA1234567890"} & set(
        shown.replace(".", " ").split()
    )


def test_everything_else_stays() -> None:
    """Nested texts are cleaned, other values stay as they are."""
    error = {"message": "max_tokens: 5 is too small", "param": None, "n": [1, "the-known-key", {"x": True}]}
    assert clean(error, KNOWN) == {**error, "n": [1, "***", {"x": True}]}
