"""The door for whole bodies: every pair, checked by the vendors' types and schemas; and everything that is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plano.domain.model import Dialect
from plano.errors import InvalidJson, InvalidRequest, PlanoError
from plano.wire import json_guard
from plano.wire.dialects.reading import BadAnswer
from plano.wire.dialects.translate import check_request, translate_request
from tests.wire.dialects import oracles
from tests.wire.dialects.damage import ODD, cut, paths, put
from tests.wire.dialects.samples import (
    ALL_PAIRS,
    ANSWERS,
    CHAT,
    DIALECTS,
    MESSAGES,
    PAIRS,
    REQUESTS,
    RESPONSES,
    TARGETS,
    answered,
    minimal,
    request,
    same,
    translated,
)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_vendors_accept_what_we_send_and_answer(source: Dialect, target: Dialect) -> None:
    """The official client's types and the vendor's schema accept the request and the answer."""
    oracles.check_request(bytes(request(REQUESTS[source], source, target).body), target)
    oracles.check_answer(json.dumps(answered(ANSWERS[source], source, target)).encode(), target)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_same_conversation_is_the_same_request(source: Dialect, target: Dialect) -> None:
    """The three samples say the same: a sample's translation is the target's own sample, as its own codec writes it."""
    made, own = same(translated(REQUESTS[source], source, target)), same(translated(REQUESTS[target], target, target))
    lost = {"stop", "stop_sequences"} if source is RESPONSES else set()
    assert {key for key in made.keys() | own.keys() if made.get(key) != own.get(key)} == lost & own.keys()


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_there_and_back(first: Dialect, second: Dialect) -> None:
    """A request that goes through another dialect and comes back loses only what the warnings name."""
    there = request(REQUESTS[first], first, second)
    back, own = same(translated(json.loads(there.body), second, first)), same(translated(REQUESTS[first], first, first))
    named = {line.partition(":")[0] for line in there.warnings}
    assert {key for key in own if back.get(key) != own[key]} == named


@pytest.mark.parametrize(("source", "target"), ALL_PAIRS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_request_is_the_callers_mistake(source: Dialect, target: Dialect, data: st.DataObject) -> None:
    """Whatever stands in whatever place: a translation, or 400 with a place; the check says the same as any target."""
    path = data.draw(st.sampled_from(sorted(paths(REQUESTS[source]), key=str)))
    odd = data.draw(ODD)
    document = put(REQUESTS[source], path, odd) if odd != "x" else cut(REQUESTS[source], path)
    body = json.dumps(document).encode()
    try:
        check_request(body, source)
    except InvalidRequest as error:
        assert error.param
        with pytest.raises(InvalidRequest) as caught:
            translate_request(body, source, TARGETS[target])
        assert caught.value.param == error.param
    else:
        try:
            translate_request(body, source, TARGETS[target])
        except InvalidRequest as error:
            assert error.param


@pytest.mark.parametrize(("source", "target"), PAIRS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_answer_is_never_made_up(source: Dialect, target: Dialect, data: st.DataObject) -> None:
    """Whatever an upstream sends: an answer that the vendor's types accept, or BadAnswer."""
    path = data.draw(st.sampled_from(sorted(paths(ANSWERS[source]), key=str)))
    odd = data.draw(ODD)
    document = put(ANSWERS[source], path, odd) if odd != "x" else cut(ANSWERS[source], path)
    try:
        made = answered(document, source, target)
    except BadAnswer as error:
        assert error.status == 502
    else:
        oracles.check_answer(json.dumps(made).encode(), target)


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"temperature": "hot"}, "temperature"),
        ({"stream": 1}, "stream"),
        ({"tools": {}}, "tools"),
    ],
)
def test_wrong_types_name_their_place(source: Dialect, target: Dialect, members: Any, param: str) -> None:
    """400 with the field's path, the same for every target."""
    with pytest.raises(InvalidRequest) as caught:
        translated(minimal(source, **members), source, target)
    assert caught.value.param == param


BASE64 = {"type": "base64", "media_type": "image/png", "data": "a*b="}


@pytest.mark.parametrize(
    ("source", "document", "param"),
    [
        (CHAT, {}, "messages"),
        (CHAT, {"messages": []}, "messages"),
        (CHAT, {"messages": [{}]}, "messages[0].role"),
        (CHAT, {"messages": [{"role": "king", "content": "a"}]}, "messages[0].role"),
        (CHAT, {"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        (CHAT, {"messages": [{"role": "tool", "tool_call_id": "x", "content": "a"}]}, "messages[0].tool_call_id"),
        (CHAT, {"messages": [{"role": "tool", "content": "a"}]}, "messages[0].tool_call_id"),
        (
            CHAT,
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,a*b="}}],
                    }
                ]
            },
            "messages[0].content[0].image_url.url",
        ),
        (
            CHAT,
            {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
            "messages[0].content[0].text",
        ),
        (MESSAGES, {"messages": [{"role": "user", "content": "a"}]}, "max_tokens"),
        (MESSAGES, {"max_tokens": 5, "messages": [{"role": "user"}]}, "messages[0].content"),
        (
            MESSAGES,
            {"max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "image", "source": BASE64}]}]},
            "messages[0].content[0].source.data",
        ),
        (
            MESSAGES,
            {
                "max_tokens": 5,
                "messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x"}]}],
            },
            "messages[0].content[0].tool_use_id",
        ),
        (RESPONSES, {}, "input"),
        (RESPONSES, {"input": []}, "input"),
        (RESPONSES, {"input": [{"role": "user", "content": [{"type": "input_text"}]}]}, "input[0].content[0].text"),
        (RESPONSES, {"input": [{"type": "function_call_output", "call_id": "x", "output": ""}]}, "input[0].call_id"),
        (RESPONSES, {"input": [{"type": "function_call", "name": "f", "arguments": ""}]}, "input[0].call_id"),
        (RESPONSES, {"input": [{"content": "a"}]}, "input[0].role"),
    ],
)
def test_mistakes_are_found_whatever_the_target(source: Dialect, document: Any, param: str) -> None:
    """Missing fields, unknown roles, results without calls, broken base64: the check for a native target, and every
    translation, name the same place."""
    body = json.dumps({"model": "m"} | document).encode()
    with pytest.raises(InvalidRequest) as caught:
        check_request(body, source)
    assert caught.value.param == param
    for target in TARGETS.values():
        with pytest.raises(InvalidRequest) as caught:
            translate_request(body, source, target)
        assert caught.value.param == param


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("body", [b"", b"[", b'{"a":', b"\xff", b"[" * 200_000])
def test_what_is_no_json_is_refused(source: Dialect, body: bytes) -> None:
    """InvalidJson, at any depth: no RecursionError comes out."""
    with pytest.raises(PlanoError) as caught:
        check_request(body, source)
    assert isinstance(caught.value, InvalidJson | InvalidRequest)


def test_arguments_of_any_depth() -> None:
    """Arguments are text to one dialect and an object to the other: what is nested too deeply is not nested into it."""
    deep = '{"a":' * 30_000 + "1" + "}" * 30_000
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": deep}}
    document = minimal(CHAT, messages=[{"role": "assistant", "tool_calls": [call]}])
    made = request(document, CHAT, MESSAGES)
    json_guard.loads(bytes(made.body))
    assert json.loads(made.body)["messages"][0]["content"][0]["input"] == {"input": deep}


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_ten_thousand_messages(source: Dialect, target: Dialect) -> None:
    """A long conversation is translated, every turn of it, though all are of one side."""
    turn = {"role": "user", "content": "a"}
    name = "input" if source is RESPONSES else "messages"
    body = request(minimal(source) | {name: [turn] * 10_000}, source, target).body
    assert body.count(b'"a"') == 10_000


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_ten_thousand_unknown_fields(source: Dialect, target: Dialect) -> None:
    """Unknown fields in every turn cost one line, and many different ones a bounded number."""
    turns = [{"role": "user", "content": "a", f"odd{number}": 1} for number in range(10_000)]
    name = "input" if source is RESPONSES else "messages"
    warnings = request(minimal(source) | {name: turns}, source, target).warnings
    assert len(warnings) == 33
    assert warnings[-1] == "and 9968 more"


def test_names_of_unknown_fields_are_not_trusted() -> None:
    """A warning goes into a header: what the caller wrote there must not break it."""
    made = request(minimal(CHAT, **{"a\r\nx-evil: 1": 1}), CHAT, MESSAGES)
    assert made.warnings == ("a field with an odd name: dropped, not known in this dialect",)
