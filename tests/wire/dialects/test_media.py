"""Data addresses and base64."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.errors import InvalidRequest
from plano.wire.canonical.request import Media
from plano.wire.dialects import media


@given(st.binary(min_size=1))
def test_base64_is_accepted(data: bytes) -> None:
    """Whatever was encoded."""
    media.check_base64(base64.b64encode(data).decode(), "p")


@pytest.mark.parametrize(
    "data", ["", "a", "ab", "abc", "a===", "====", "ab=c", "ab cd", "ab\ncd", "äbcd", "a-_b", "A=AA"]
)
def test_what_is_no_base64(data: str) -> None:
    """Wrong length, padding in the middle, other characters."""
    with pytest.raises(InvalidRequest):
        media.check_base64(data, "p")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://e.example/a", Media("image", "url", "https://e.example/a")),
        ("data:image/png;base64,AAAA", Media("image", "base64", "AAAA", "image/png")),
        ("data:image/png;name=x;base64,AAAA", Media("image", "base64", "AAAA", "image/png")),
        ("data:image/png,AAAA", None),
        ("data:;base64,AAAA", None),
        ("file:///etc/passwd", None),
        ("", None),
    ],
)
def test_addresses(address: str, expected: Media | None) -> None:
    """http, https and base64 data; nothing else, and no local files."""
    if expected is None:
        with pytest.raises(InvalidRequest):
            media.from_address("image", address, "p")
    else:
        assert media.from_address("image", address, "p") == expected
