"""What events of messages mean, and when a stream of them is whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.usage import Usage
from plano.wire.dialects.messages.watch import MessagesWatch, check_answer


def event(kind: str, **members: Any) -> bytes:
    """The data of one event."""
    return json.dumps({"type": kind, **members}).encode()


STOP = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 7})
END = event("message_stop")
CALL = event("content_block_start", index=1, content_block={"type": "tool_use", "id": "c", "name": "f", "input": {}})


@pytest.mark.parametrize(
    ("data", "sight"),
    [
        (event("message_start", message={"id": "m", "usage": {"input_tokens": 1}}), "quiet"),
        (event("ping"), "quiet"),
        (event("content_block_start", index=0, content_block={"type": "text", "text": ""}), "quiet"),
        (event("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}), "quiet"),
        (CALL, "content"),
        (event("content_block_delta", index=0, delta={"type": "text_delta", "text": "a"}), "content"),
        (event("content_block_stop", index=0), "quiet"),
        (STOP, "content"),
        (event("message_delta", delta={"stop_reason": None}), "quiet"),
        (END, "done"),
        (event("error", error={"type": "overloaded_error", "message": "m"}), "error"),
        (event("something_new", anything=1), "quiet"),
        (event("message_start", message={"usage": "odd"}), "quiet"),
        (b"[DONE]", "done"),
        (b"{broken", "malformed"),
        (b"{}", "malformed"),
    ],
)
def test_sights(data: bytes, sight: str) -> None:
    """Each kind of event is seen for what it is."""
    assert MessagesWatch().see(data) == sight


@pytest.mark.parametrize(("events", "is_whole"), [((STOP, END), True), ((END,), False), ((STOP,), False)])
def test_whole_with_a_reason_and_an_end(events: tuple[bytes, ...], is_whole: bool) -> None:
    """Neither the reason nor the end alone is a whole answer."""
    watch = MessagesWatch()
    for one in events:
        watch.see(one)
    assert watch.is_complete is is_whole


def test_usage_of_two_events() -> None:
    """The input is told at the beginning, the output at the end."""
    watch = MessagesWatch()
    watch.see(event("message_start", message={"usage": {"input_tokens": 10, "cache_read_input_tokens": 30}}))
    watch.see(STOP)
    assert watch.usage == Usage(40, 7, 30)


def test_a_call_is_open_until_its_block_ends() -> None:
    """From its beginning on half of it would be lost."""
    watch = MessagesWatch()
    watch.see(CALL)
    watch.see(event("content_block_stop", index=0))
    assert watch.has_open_call
    watch.see(event("content_block_stop", index=1))
    assert not watch.has_open_call


def test_the_error_is_kept() -> None:
    """In the provider's own words."""
    watch = MessagesWatch()
    watch.see(event("error", error={"type": "overloaded_error", "message": "m"}))
    assert watch.error == {"type": "overloaded_error", "message": "m"}


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"type": "message", "content": [{"type": "text", "text": "x"}], "stop_reason": "end_turn"}, "whole"),
        ({"type": "message", "content": [], "stop_reason": "odd", "usage": "odd"}, "whole"),
        ({"type": "message", "content": [{"type": "text", "text": "x"}], "stop_reason": None}, "invalid"),
        ({"type": "message", "content": []}, "invalid"),
        ({"type": "message", "content": None}, "invalid"),
        ({"type": "completion", "content": []}, "invalid"),
        ({"type": "error", "error": {"type": "api_error", "message": "m"}}, "error"),
        ({"choices": []}, "invalid"),
        ([], "invalid"),
    ],
)
def test_whole_answers(body: Any, what: str) -> None:
    """A 200 is an answer only when it has the least an answer must have."""
    assert check_answer(json.dumps(body).encode())[0] == what


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"content":[', b"\xff"])
def test_bodies_that_are_no_json(body: bytes) -> None:
    """Anything that is not JSON is no answer."""
    assert check_answer(body) == ("invalid", None)
