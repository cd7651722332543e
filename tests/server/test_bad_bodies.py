"""Bodies that no model can be sent: the same 400 with the exact place, whichever dialect the target speaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from plano.domain.model import Dialect
from tests.running import Running, running
from tests.server.golden import MODELS, Golden, golden
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES

ENDPOINTS = {CHAT: "/v1/chat/completions", MESSAGES: "/v1/messages", RESPONSES: "/v1/responses"}
NOT_BASE64 = "data:image/png;base64,!!!!"


def user(*parts: Any) -> dict[str, Any]:
    """A message of these parts."""
    return {"role": "user", "content": list(parts)}


def assistant(*parts: Any) -> dict[str, Any]:
    """What a model said."""
    return {"role": "assistant", "content": list(parts)}


CASES: dict[Dialect, list[tuple[dict[str, Any], str]]] = {
    CHAT: [
        ({"temperature": "hot"}, "temperature"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"stop": 5}, "stop"),
        ({"stop": ["a", 5]}, "stop[1]"),
        ({"stream": "yes"}, "stream"),
        ({"messages": None}, "messages"),
        ({"messages": {}}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [{"content": "hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "nobody", "content": "hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [user("hi")]}, "messages[0].content[0]"),
        ({"messages": [user({"text": "hi"})]}, "messages[0].content[0].type"),
        ({"messages": [user({"type": "text"})]}, "messages[0].content[0].text"),
        ({"messages": [user({"type": "image_url"})]}, "messages[0].content[0].image_url"),
        ({"messages": [user({"type": "image_url", "image_url": {}})]}, "messages[0].content[0].image_url.url"),
        (
            {"messages": [user({"type": "image_url", "image_url": {"url": NOT_BASE64}})]},
            "messages[0].content[0].image_url.url",
        ),
        ({"messages": [user({"type": "file", "file": {"file_data": "!!"}})]}, "messages[0].content[0].file.file_data"),
        (
            {"messages": [user({"type": "input_audio", "input_audio": {"data": "!!", "format": "wav"}})]},
            "messages[0].content[0].input_audio.data",
        ),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "c"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"id": "c"}]}]}, "messages[0].tool_calls[0].function"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"function": {"name": "f"}}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"tool_choice": 5}, "tool_choice"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format.json_schema.name"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": "s"}}},
            "response_format.json_schema.schema",
        ),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "system", "content": None}]}, "messages[0].content"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.function"),
        (
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]},
            "tools[0].function.parameters",
        ),
        ({"metadata": []}, "metadata"),
        ({"logit_bias": "x"}, "logit_bias"),
    ],
    MESSAGES: [
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"temperature": "hot"}, "temperature"),
        ({"system": 5}, "system"),
        ({"system": [{"type": "text"}]}, "system[0].text"),
        ({"stop_sequences": "END"}, "stop_sequences"),
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [5]}, "messages[0]"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "tool", "content": "hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [user({"text": "hi"})]}, "messages[0].content[0].type"),
        ({"messages": [user({"type": "text"})]}, "messages[0].content[0].text"),
        ({"messages": [user({"type": "image"})]}, "messages[0].content[0].source"),
        (
            {"messages": [user({"type": "image", "source": {"type": "base64", "data": "!!"}})]},
            "messages[0].content[0].source.data",
        ),
        (
            {"messages": [user({"type": "document", "source": {"type": "base64", "data": "!!"}})]},
            "messages[0].content[0].source.data",
        ),
        ({"messages": [user({"type": "tool_result", "content": "x"})]}, "messages[0].content[0].tool_use_id"),
        (
            {"messages": [user({"type": "tool_result", "tool_use_id": "t", "content": "x"})]},
            "messages[0].content[0].tool_use_id",
        ),
        ({"messages": [assistant({"type": "tool_use", "id": "t", "name": "f"})]}, "messages[0].content[0].input"),
        ({"messages": [assistant({"type": "tool_use", "id": "t", "input": {}})]}, "messages[0].content[0].name"),
        (
            {"messages": [assistant({"type": "tool_use", "id": "t", "name": "f", "input": 5})]},
            "messages[0].content[0].input",
        ),
        ({"tools": [{"name": "f"}]}, "tools[0].input_schema"),
        ({"tools": [{"input_schema": {}}]}, "tools[0].name"),
        ({"tool_choice": {"type": "some"}}, "tool_choice.type"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"tools": [{"name": "f", "input_schema": "s"}]}, "tools[0].input_schema"),
        ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens"),
        ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema"),
        (
            {"messages": [user({"type": "image", "source": {"type": "base64", "data": "iVBORw0KGgo="}})]},
            "messages[0].content[0].source.media_type",
        ),
    ],
    RESPONSES: [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": 5}, "input"),
        ({"input": ["hi"]}, "input[0]"),
        ({"input": [{"content": "hi"}]}, "input[0].role"),
        ({"input": [{"role": "nobody", "content": "hi"}]}, "input[0].role"),
        ({"input": [user({"type": "input_text"})]}, "input[0].content[0].text"),
        ({"input": [user({"text": "hi"})]}, "input[0].content[0].type"),
        ({"input": [user({"type": "input_image", "image_url": NOT_BASE64})]}, "input[0].content[0].image_url"),
        ({"input": [user({"type": "input_file", "file_data": "!!"})]}, "input[0].content[0].file_data"),
        ({"input": [{"type": "function_call", "call_id": "c"}]}, "input[0].name"),
        ({"input": [{"type": "function_call", "call_id": "c", "name": "f"}]}, "input[0].arguments"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, "input[0].call_id"),
        ({"input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]}, "input[0].call_id"),
        ({"max_output_tokens": "many"}, "max_output_tokens"),
        ({"previous_response_id": 5}, "previous_response_id"),
        ({"instructions": 5}, "instructions"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"text": {"format": 5}}, "text.format"),
        ({"text": {"format": {"type": "json_schema", "name": "n"}}}, "text.format.schema"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"tools": [{"type": "function", "name": "f", "parameters": "p"}]}, "tools[0].parameters"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.name"),
        ({"metadata": "m"}, "metadata"),
    ],
}


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Running, Golden]]:
    """A gateway, and the provider behind it."""
    with golden() as provider, running(provider.config, at_mock=False) as gateway:
        yield gateway, provider


def body(dialect: Dialect, model: str, wrong: dict[str, Any]) -> dict[str, Any]:
    """A request with one thing wrong in it."""
    asked: dict[str, Any] = (
        {"input": "hi"} if dialect is RESPONSES else {"messages": [user({"type": "text", "text": "a"})]}
    )
    limit = {"max_tokens": 99} if dialect is MESSAGES else {}
    return {"model": model, **asked, **limit, **wrong}


@pytest.mark.parametrize("upstream", DIALECTS)
@pytest.mark.parametrize(
    ("dialect", "wrong", "place"), [(dialect, *case) for dialect, cases in CASES.items() for case in cases]
)
def test_the_place_of_a_mistake(
    both: tuple[Running, Golden], dialect: Dialect, wrong: dict[str, Any], place: str, upstream: Dialect
) -> None:
    """400 in the caller's dialect; the place is in ``param`` and in the message, and nothing was sent."""
    gateway, provider = both
    answer = gateway.post(ENDPOINTS[dialect], body(dialect, MODELS[upstream], wrong))
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (400, place, "invalid_request")
    assert place in error["message"] or place in ("model", "stream")
    assert (answer.json().get("type") == "error") is (dialect is MESSAGES)
    assert len(error["trace_id"]) == 32
    assert provider.received == []


@pytest.mark.parametrize("upstream", DIALECTS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_no_json_that_all_agree_on(both: tuple[Running, Golden], dialect: Dialect, upstream: Dialect) -> None:
    """Nested too deep, a key twice, NaN, half of a surrogate pair, no JSON at all: 400 before anything else."""
    gateway, provider = both
    good = json.dumps(body(dialect, MODELS[upstream], {}))[:-1]
    deep = f'{good}, "x": {"[" * 64}{"]" * 64}}}'
    for wrong in (
        deep,
        f'{good}, "x": 1, "x": 2}}',
        f'{good}, "x": NaN}}',
        f'{good}, "x": "\\ud800"}}',
        good,
        "",
        "[]",
    ):
        answer = gateway.raw(
            f"POST {ENDPOINTS[dialect]} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"connection: close\r\ncontent-length: {len(wrong)}\r\n\r\n{wrong}".encode()
        )
        head, _, said = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        told = json.loads(said)
        assert told["error"]["code"] == ("invalid_request" if wrong == "[]" else "invalid_json")
        assert (told.get("type") == "error") is (dialect is MESSAGES)
    assert provider.received == []
