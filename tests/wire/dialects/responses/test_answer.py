"""Responses, read and written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plano.wire.canonical.echo import Echo
from plano.wire.dialects.reading import BadAnswer
from tests.wire.dialects.samples import (
    ANSWERS,
    CHAT,
    MESSAGES,
    RESPONSES,
    SCHEMA,
    answered,
    minimal,
    request,
    translated,
)


def test_a_response_repeats_its_request() -> None:
    """Temperature, tools, instructions and the rest come from the request, not from defaults."""
    tools = [{"type": "function", "name": "f", "parameters": SCHEMA}]
    asked = minimal(RESPONSES, temperature=0.2, tools=tools, instructions="S", metadata={"k": "v"}, tool_choice="auto")
    echo = request(asked, RESPONSES, CHAT).echo
    body = answered(ANSWERS[CHAT], CHAT, RESPONSES, echo)
    assert (body["object"], body["status"], body["error"]) == ("response", "completed", None)
    assert (body["temperature"], body["instructions"], body["metadata"]) == (0.2, "S", {"k": "v"})
    assert body["tools"] == [{**tools[0], "description": None, "strict": None}]
    assert [item["type"] for item in body["output"]] == ["reasoning", "message", "function_call"]
    assert body["usage"]["input_tokens"] == 100
    assert body["usage"]["input_tokens_details"]["cached_tokens"] == 40


def test_ids_of_items_differ() -> None:
    """Each item has an id of its own kind."""
    ids = [item["id"] for item in answered(ANSWERS[MESSAGES], MESSAGES, RESPONSES)["output"]]
    assert [name.partition("_")[0] for name in ids] == ["rs", "msg", "fc"]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    ("word", "status", "details"),
    [
        ("end_turn", "completed", None),
        ("tool_use", "completed", None),
        ("max_tokens", "incomplete", {"reason": "max_output_tokens"}),
        ("refusal", "incomplete", {"reason": "content_filter"}),
        ("odd", "incomplete", {"reason": "max_output_tokens", "native_finish_reason": "odd"}),
    ],
)
def test_why_it_ended(word: str, status: str, details: Any) -> None:
    """Completed, or incomplete with a reason."""
    body = answered(ANSWERS[MESSAGES] | {"stop_reason": word}, MESSAGES, RESPONSES)
    assert (body["status"], body["incomplete_details"]) == (status, details)


@pytest.mark.parametrize(
    ("reason", "expected"), [("max_output_tokens", "length"), ("content_filter", "content_filter")]
)
def test_incomplete_responses(reason: str, expected: str) -> None:
    """The reason becomes chat's word."""
    document = ANSWERS[RESPONSES] | {"status": "incomplete", "incomplete_details": {"reason": reason}}
    assert answered(document, RESPONSES, CHAT)["choices"][0]["finish_reason"] == expected


@pytest.mark.parametrize("first", [MESSAGES, RESPONSES])
@pytest.mark.parametrize("caller", [CHAT, MESSAGES, RESPONSES])
def test_a_thought_finds_its_way_back(first: Any, caller: Any) -> None:
    """The answer of one provider, sent back by a caller of any other dialect, is that provider's own thought again."""
    if caller is first:
        return
    answer = answered(ANSWERS[first], first, caller)
    if caller is CHAT:
        document = minimal(CHAT, messages=[{"role": "user", "content": "a"}, answer["choices"][0]["message"]])
    elif caller is MESSAGES:
        turn = {"role": "assistant", "content": answer["content"]}
        document = minimal(MESSAGES) | {"messages": [{"role": "user", "content": "a"}, turn]}
    else:
        document = minimal(RESPONSES, input=[{"role": "user", "content": "a"}, *answer["output"]])
    body = translated(document, caller, first)
    if first is MESSAGES:
        assert body["messages"][1]["content"][0] == ANSWERS[MESSAGES]["content"][0]
    else:
        assert body["input"][1] == ANSWERS[RESPONSES]["output"][0]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"object": "response", "status": "failed", "output": []},
        {"object": "response", "status": "completed", "output": [{"type": "function_call"}]},
        {"object": "response", "status": "completed", "output": {}},
        {"object": "chat.completion", "status": "completed", "output": []},
    ],
)
def test_what_is_no_response(document: Any) -> None:
    """502, never an answer made up from it."""
    with pytest.raises(BadAnswer):
        answered(document, RESPONSES, CHAT)


def test_a_request_that_is_gone_leaves_defaults() -> None:
    """Without an echo, a response says what the API would say of a request with nothing in it."""
    body = answered(ANSWERS[CHAT], CHAT, RESPONSES, Echo())
    assert (body["temperature"], body["tools"], body["tool_choice"]) == (1.0, [], "auto")
    assert json.dumps(body)
