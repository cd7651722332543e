"""What answers and stream events mean, and when a stream is complete."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.wire.openai_chat_answer import ChatStreamWatch, check_answer


def event(**chunk: Any) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def choice(index: int = 0, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """One choice of a chunk."""
    return {"index": index, "delta": delta, "finish_reason": finish}


@pytest.mark.parametrize(
    ("line", "sight"),
    [
        (event(choices=[choice(role="assistant", content="")]), "quiet"),
        (event(choices=[choice(content="a")]), "content"),
        (event(choices=[choice(tool_calls=[{"index": 0}])]), "content"),
        (event(choices=[choice(reasoning_content="hm")]), "content"),
        (event(choices=[choice(finish="stop")]), "content"),
        (event(choices=[], usage={"total_tokens": 1}), "quiet"),
        (event(choices=None), "quiet"),
        (event(error={"message": "m"}), "error"),
        (b": keep-alive\n\n", "quiet"),
        (b"data: [DONE]\n\n", "done"),
        (b"data: {broken\n\n", "malformed"),
        (b"data: [1]\n\n", "malformed"),
    ],
)
def test_sights(line: bytes, sight: str) -> None:
    """Each kind of event is seen for what it is."""
    assert ChatStreamWatch().see(line) == sight


def test_complete_when_every_choice_finished() -> None:
    """Two choices: complete only when both have their finish reason; ``[DONE]`` alone proves nothing."""
    watch = ChatStreamWatch()
    watch.see(b"data: [DONE]\n\n")
    assert (watch.is_done, watch.is_complete) == (True, False)
    watch.see(event(choices=[choice(0, content="a"), choice(1, content="b")]))
    watch.see(event(choices=[choice(0, "stop")]))
    assert not watch.is_complete
    watch.see(event(choices=[choice(1, "length")]))
    assert watch.is_complete


def test_usage_is_remembered() -> None:
    """Usage is taken from whichever chunk carries it."""
    watch = ChatStreamWatch()
    watch.see(event(choices=[choice(0, "stop")], usage=None))
    watch.see(event(choices=[], usage={"total_tokens": 3}))
    assert watch.usage == {"total_tokens": 3}


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}, "whole"),
        ({"choices": [{"message": {}, "finish_reason": None, "x": 1}], "usage": None, "y": []}, "whole"),
        ({"choices": []}, "invalid"),
        ({"choices": None}, "invalid"),
        ({"choices": [{}]}, "invalid"),
        ({"error": {"message": "m"}}, "error"),
        ([], "invalid"),
        (None, "invalid"),
        ("x", "invalid"),
    ],
)
def test_whole_answers(body: Any, what: str) -> None:
    """A 200 is an answer only when it has the least an answer must have."""
    assert check_answer(json.dumps(body).encode())[0] == what


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"choices":[{"message":{}', b"\xff"])
def test_bodies_that_are_no_json(body: bytes) -> None:
    """Anything that is not JSON is no answer."""
    assert check_answer(body) == ("invalid", None)
