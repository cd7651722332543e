"""The call of a router model, byte by byte, and what is read of its answer."""

from __future__ import annotations

import json

import pytest

from plano.wire.requests import derive_body
from plano.wire.router_call import call_of, text_of


@pytest.mark.parametrize("model", ["r", 'odd "name" \\ é', "hub.example/x/y.gguf:Q4"])
def test_the_body(model: str) -> None:
    """Three members in order; the span of the model is right, whatever its name."""
    request = call_of(model, "what?\n")
    made = json.loads(request.body)
    assert list(made) == ["model", "messages", "temperature"]
    assert made == {"model": model, "messages": [{"role": "user", "content": "what?\n"}], "temperature": 0.01}
    assert json.loads(b"".join(derive_body(request, "other"))) == {**made, "model": "other"}
    assert request.needs.prompt_bytes == len(request.body)
    assert not request.is_stream


def test_half_a_pair() -> None:
    """What is no Unicode text is replaced: a request can always be written."""
    assert json.loads(call_of("r", "a\ud83db").body)["messages"][0]["content"] == "a?b"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": "x"}, "x"),
        ({"content": ""}, ""),
        ({"content": None}, ""),
        ({}, ""),
        ({"content": [{"type": "text", "text": "a"}, {"type": "image"}, {"text": "b"}]}, "ab"),
        ({"content": "x", "tool_calls": [{}]}, "x"),
        ({"content": None, "tool_calls": [{}]}, None),
        ({"content": 5}, None),
        ({"content": ["a"]}, None),
    ],
)
def test_the_first_choice(message: dict[str, object], text: str | None) -> None:
    """Its text, the joined texts of its parts, or that it has none."""
    assert text_of(json.dumps({"choices": [{"message": message}, {"message": {"content": "second"}}]}).encode()) == text


@pytest.mark.parametrize(
    ("body", "text"), [(b'{"choices": []}', ""), (b"{}", None), (b"", None), (b"\xff", None), (b"[" * 100_000, None)]
)
def test_without_a_choice(body: bytes, text: str | None) -> None:
    """An empty list says nothing, anything else cannot be read."""
    assert text_of(body) == text
