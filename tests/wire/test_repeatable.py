"""Which requests may be sent to two models at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.model import Dialect
from plano.wire.repeatable import is_repeatable

CHAT, MESSAGES, RESPONSES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES, Dialect.OPENAI_RESPONSES


@pytest.mark.parametrize(
    ("dialect", "members", "expected"),
    [
        (CHAT, {}, True),
        (CHAT, {"store": True}, False),
        (CHAT, {"tools": [{"type": "function", "function": {"name": "f"}}]}, True),
        (CHAT, {"web_search_options": {}}, False),
        (MESSAGES, {"tools": [{"name": "f", "input_schema": {}}, {"type": "custom", "name": "g"}]}, True),
        (MESSAGES, {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, False),
        (MESSAGES, {"mcp_servers": [{"url": "https://h"}]}, False),
        (MESSAGES, {"container": "c"}, False),
        (RESPONSES, {}, False),
        (RESPONSES, {"store": False}, True),
        (RESPONSES, {"store": False, "background": True}, False),
        (RESPONSES, {"store": False, "previous_response_id": "r"}, False),
        (RESPONSES, {"store": False, "tools": [{"type": "code_interpreter"}]}, False),
        (CHAT, {"tools": ["odd"]}, False),
        (CHAT, {"tools": 3}, False),
    ],
)
def test_what_leaves_nothing_behind(dialect: Dialect, members: dict[str, Any], expected: bool) -> None:
    """Nothing kept at the provider, nothing running there, no tools of its own."""
    assert is_repeatable(json.dumps(members).encode(), dialect) is expected


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"3"])
def test_odd_bodies(body: bytes) -> None:
    """Somebody else refuses them."""
    assert not is_repeatable(body, CHAT)
