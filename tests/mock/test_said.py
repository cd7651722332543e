"""What a mock model says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.mock.said import answer

ASK = "say hello now"
CHAT = {"messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": ASK}]}
MESSAGES = {"system": "be kind", "messages": [{"role": "user", "content": [{"type": "text", "text": ASK}]}]}
RESPONSES = {"instructions": "be kind", "input": ASK}


@pytest.mark.parametrize("request_body", [CHAT, MESSAGES, RESPONSES], ids=["chat", "messages", "responses"])
def test_same_words_in_every_dialect(request_body: dict[str, Any]) -> None:
    """The last text is echoed, and the words of all of them are counted."""
    said = answer({"model": "m", **request_body}, b"x")
    assert (said.text, said.prompt_tokens) == (f"[m #1] This is a mock answer to: {ASK}", 5)


def test_same_bytes_same_answer() -> None:
    """The id comes from the body; the attempt is said."""
    body = json.dumps(CHAT).encode()
    assert answer(CHAT, body) == answer(CHAT, body)
    assert answer(CHAT, body).id != answer(CHAT, body + b" ").id
    assert answer(CHAT, body, attempt=3).text.startswith("[mock #3]")
