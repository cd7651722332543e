"""What events of responses mean, and when a stream of them is whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.usage import Usage
from plano.wire.dialects.responses.watch import ResponsesWatch, check_answer


def event(kind: str, **members: Any) -> bytes:
    """The data of one event."""
    return json.dumps({"type": kind, **members}).encode()


CALL = event("response.output_item.added", output_index=1, item={"type": "function_call", "name": "f"})


@pytest.mark.parametrize(
    ("data", "sight"),
    [
        (event("response.created", response={"status": "in_progress"}), "quiet"),
        (event("response.output_item.added", item={"type": "message"}), "quiet"),
        (event("response.output_item.added", item={"type": "reasoning"}), "quiet"),
        (CALL, "content"),
        (event("response.output_text.delta", delta="a"), "content"),
        (event("response.function_call_arguments.delta", delta="{"), "content"),
        (event("response.output_text.done", text="a"), "quiet"),
        (event("response.completed", response={"status": "completed"}), "done"),
        (event("response.incomplete", response={"status": "incomplete"}), "done"),
        (event("response.failed", response={"status": "failed", "error": {"code": "c", "message": "m"}}), "error"),
        (event("error", message="m", code="c"), "error"),
        (event("response.something_new"), "quiet"),
        (event("response.completed", response={"usage": "odd"}), "done"),
        (b"[DONE]", "done"),
        (b"{broken", "malformed"),
        (b"{}", "malformed"),
    ],
)
def test_sights(data: bytes, sight: str) -> None:
    """Each kind of event is seen for what it is; whole with its terminal event only."""
    watch = ResponsesWatch()
    assert watch.see(data) == sight
    assert watch.is_complete is (sight == "done" and data != b"[DONE]")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (event("response.failed", response={"error": {"code": "c", "message": "m"}}), {"code": "c", "message": "m"}),
        (event("error", message="m", code="c"), {"message": "m", "code": "c"}),
        (event("error", error={"message": "m"}), {"message": "m"}),
        (event("response.failed", response={}), {"message": "the response failed", "code": None}),
    ],
)
def test_the_error_is_kept(data: bytes, expected: dict[str, Any]) -> None:
    """Whichever way the provider reports it."""
    watch = ResponsesWatch()
    watch.see(data)
    assert watch.error == expected


def test_usage_and_the_next_number() -> None:
    """Usage comes with the end; an error of ours goes on counting."""
    watch = ResponsesWatch()
    assert (watch.usage, watch.sequence_number) == (None, 0)
    usage = {"input_tokens": 9, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 2}}
    watch.see(event("response.completed", sequence_number=12, response={"usage": usage}))
    assert (watch.usage, watch.sequence_number) == (Usage(9, 4, 2), 13)


def test_a_call_is_open_until_its_item_is_done() -> None:
    """From its beginning on half of it would be lost."""
    watch = ResponsesWatch()
    watch.see(CALL)
    watch.see(event("response.output_item.done", output_index=0))
    assert watch.has_open_call
    watch.see(event("response.output_item.done", output_index=1))
    assert not watch.has_open_call


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"object": "response", "status": "completed", "output": [], "usage": {"input_tokens": 1}}, "whole"),
        ({"status": "incomplete", "output": [], "error": None, "usage": 5}, "whole"),
        ({"status": "queued", "output": [], "background": True}, "whole"),
        ({"status": "queued", "output": [], "background": False}, "invalid"),
        ({"status": "in_progress", "output": []}, "invalid"),
        ({"output": []}, "invalid"),
        ({"status": "cancelled", "output": []}, "error"),
        ({"status": "failed", "output": [], "error": {"code": "server_error", "message": "m"}}, "error"),
        ({"status": "failed", "output": []}, "error"),
        ({"error": "no"}, "error"),
        ({"output": None}, "invalid"),
        ({"choices": []}, "invalid"),
        ([], "invalid"),
    ],
)
def test_whole_answers(body: Any, what: str) -> None:
    """A 200 is an answer only when it has the least an answer must have."""
    assert check_answer(json.dumps(body).encode())[0] == what


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"output":[', b"\xff"])
def test_bodies_that_are_no_json(body: bytes) -> None:
    """Anything that is not JSON is no answer."""
    assert check_answer(body) == ("invalid", None)
