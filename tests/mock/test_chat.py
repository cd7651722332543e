"""What a mock model says."""

from __future__ import annotations

import json

from plano.mock import chat

REQUEST = {
    "model": "m",
    "messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": "say hello now"}],
}
BODY = json.dumps(REQUEST).encode()


def test_same_request_same_answer() -> None:
    """The same bytes have the same answer; another body has another id."""
    assert chat.whole(chat.answer(REQUEST, BODY)) == chat.whole(chat.answer(REQUEST, BODY))
    assert chat.answer(REQUEST, BODY).id != chat.answer(REQUEST, BODY + b" ").id


def test_stream_and_whole_say_the_same() -> None:
    """The deltas join to the message, and usage is the same both ways."""
    said = chat.answer(REQUEST, BODY)
    whole = json.loads(chat.whole(said))
    chunks = [json.loads(event[6:]) for event in chat.events(said, with_usage=True)]
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks[:-1])
    assert text == whole["choices"][0]["message"]["content"]
    assert chunks[-1]["usage"] == whole["usage"]
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"


def test_usage_adds_up() -> None:
    """Prompt tokens count the words of all messages, completion tokens the pieces of the answer."""
    said = chat.answer(REQUEST, BODY)
    assert said.usage == {
        "prompt_tokens": 5,
        "completion_tokens": len(said.tokens),
        "total_tokens": 5 + len(said.tokens),
    }
