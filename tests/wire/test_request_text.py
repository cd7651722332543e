"""How much text a request holds, in whichever dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.wire.request_text import text_tokens


@pytest.mark.parametrize(
    ("document", "size"),
    [
        ({"messages": [{"role": "user", "content": "x" * 35}]}, 35),
        ({"messages": [{"role": "user", "content": ""}]}, 0),
        ({"messages": []}, 0),
        ({"system": "ab", "messages": [{"content": [{"type": "text", "text": "é"}]}]}, 4),
        ({"messages": [{"content": [{"type": "tool_result", "content": [{"type": "text", "text": "x" * 8}]}]}]}, 8),
        ({"instructions": "abcd", "input": [{"type": "function_call_output", "output": "efgh"}]}, 8),
        ({"input": "x" * 12}, 12),
        ({"messages": [{"content": [{"type": "image_url", "image_url": {"url": "data:" + "x" * 999}}]}]}, 0),
        ({"tools": [{"description": "x" * 99}], "metadata": {"text": "x" * 99}, "messages": [5, None]}, 0),
    ],
)
def test_texts(document: Any, size: int) -> None:
    """System prompts, messages and results of tools, four bytes of UTF-8 to a token; no media, no schemas."""
    assert text_tokens(json.dumps(document).encode()) == size // 4
