"""What answers and stream events mean, and when a stream is complete."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.domain.usage import Usage
from plano.wire.dialects.chat.watch import ChatWatch, check_answer, is_bare
from plano.wire.dialects.finishes import WITHOUT_WORDS


def event(**chunk: Any) -> bytes:
    """The data of one event of a stream."""
    return json.dumps(chunk).encode()


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
        (event(choices=[choice(finish="error")]), "error"),
        (event(choices=[choice(content="a")], usage="odd"), "content"),
        (b"[DONE]", "done"),
        (b"{broken", "malformed"),
        (b"[1]", "malformed"),
    ],
)
def test_sights(line: bytes, sight: str) -> None:
    """Each kind of event is seen for what it is."""
    assert ChatWatch().see(line) == sight


def test_complete_when_every_choice_finished() -> None:
    """Two choices: complete only when both have their finish reason; ``[DONE]`` alone proves nothing."""
    watch = ChatWatch()
    assert (watch.see(b"[DONE]"), watch.is_complete) == ("done", False)
    watch.see(event(choices=[choice(0, content="a"), choice(1, content="b")]))
    watch.see(event(choices=[choice(0, "stop")]))
    assert not watch.is_complete
    watch.see(event(choices=[choice(1, "length")]))
    assert watch.is_complete


def test_an_end_that_comes_again() -> None:
    """The same choices finish once more: nothing new, unless it brings the usage; another choice is something new."""
    watch = ChatWatch()
    watch.see(event(choices=[choice(0, "stop")]))
    assert watch.see(event(choices=[choice(0, "stop")])) == "repeated"
    assert watch.see(event(choices=[choice(0, "stop")], usage={"total_tokens": 1})) == "content"
    assert watch.see(event(choices=[choice(1, "stop")])) == "content"
    assert watch.see(event(choices=[])) == "quiet"


def test_usage_is_remembered() -> None:
    """Usage is taken from whichever chunk carries it."""
    watch = ChatWatch()
    watch.see(event(choices=[choice(0, "stop")], usage=None))
    watch.see(event(choices=[], usage={"prompt_tokens": 3, "completion_tokens": 2}))
    assert watch.usage == Usage(3, 2)


def test_a_tool_call_is_open_until_its_choice_is_finished() -> None:
    """From its first delta on half of it would be lost; a finished choice has none."""
    watch = ChatWatch()
    watch.see(event(choices=[choice(content="a")]))
    assert not watch.has_open_call
    watch.see(event(choices=[choice(tool_calls=[{"index": 0}])]))
    assert watch.has_open_call
    watch.see(event(choices=[choice(0, "tool_calls")]))
    assert not watch.has_open_call


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}, "whole"),
        ({"choices": [{"message": {}, "finish_reason": "odd", "x": 1}], "usage": None, "y": []}, "whole"),
        ({"choices": [{"message": {"content": "x"}, "finish_reason": None}]}, "invalid"),
        ({"choices": [{"message": {"content": "x"}, "finish_reason": ""}]}, "invalid"),
        ({"choices": [{"message": {}, "finish_reason": "stop"}, {"message": {}}]}, "invalid"),
        ({"choices": []}, "invalid"),
        ({"choices": None}, "invalid"),
        ({"choices": [{}]}, "invalid"),
        ({"error": {"message": "m"}}, "error"),
        ({"choices": [{"message": {"content": "x"}, "finish_reason": "error"}]}, "error"),
        ({"choices": [{"message": {}, "finish_reason": "error", "error": {"message": "m"}}]}, "error"),
        ([], "invalid"),
        (None, "invalid"),
        ("x", "invalid"),
    ],
)
def test_whole_answers(body: Any, what: str) -> None:
    """A 200 is an answer only when it has the least an answer must have."""
    assert check_answer(json.dumps(body).encode())[0] == what


@pytest.mark.parametrize("account", [{"prompt_tokens": "many"}, {"prompt_tokens": 1.5}, "x", [], 7])
def test_an_account_that_cannot_be_read_is_none(account: Any) -> None:
    """The answer is good all the same."""
    body = {"choices": [{"message": {}, "finish_reason": "stop"}], "usage": account}
    assert check_answer(json.dumps(body).encode()) == ("whole", None)


@pytest.mark.parametrize(
    ("body", "bare"),
    [
        ({"choices": []}, True),
        ({"choices": [{"message": {"content": "x"}}]}, True),
        ({"choices": [], "error": {"message": "m"}}, False),
        ({"choices": [{"delta": {}}]}, False),
        ({}, False),
    ],
)
def test_bare_answers(body: Any, bare: bool) -> None:
    """Choices are the least that answers a question; an error in place of them does not."""
    assert is_bare(json.dumps(body).encode()) == bare


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"choices":[{"message":{}', b"\xff"])
def test_bodies_that_are_no_json(body: bytes) -> None:
    """Anything that is not JSON is no answer."""
    assert check_answer(body) == ("invalid", None)


def test_an_answer_that_was_broken_off() -> None:
    """``finish_reason: error`` is no end: the error is kept in the provider's words, or in ours where it has none."""
    said = {"choices": [{"message": {}, "finish_reason": "error", "error": {"message": "m", "code": 502}}]}
    assert check_answer(json.dumps(said).encode()) == ("error", {"message": "m", "code": 502})
    watch = ChatWatch()
    watch.see(event(choices=[choice(content="a")]))
    assert watch.see(event(choices=[choice(finish="error")])) == "error"
    assert (watch.is_complete, watch.error) == (False, {"message": WITHOUT_WORDS})
