"""Structured output, from the parse helpers of the official clients to a provider of any dialect and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest
from pydantic import BaseModel

from plano.domain.model import Dialect
from tests.running import Running, running
from tests.server.golden import MODELS, Golden, golden
from tests.wire.dialects.samples import ALL_PAIRS, CHAT, MESSAGES, RESPONSES
from tests.wire.dialects.streams import chunk, event


class Weather(BaseModel):
    """What is asked for."""

    city: str
    degrees: int


WANTED = Weather(city="Oslo", degrees=-7)
TEXT = WANTED.model_dump_json()
HELLO: Any = [{"role": "user", "content": "hi"}]


def plain(dialect: Dialect) -> bytes:
    """An answer that is nothing but the JSON."""
    if dialect is CHAT:
        choice = {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
        whole: Any = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        return json.dumps({**whole, "usage": usage}).encode()
    usage = {"input_tokens": 3, "output_tokens": 2}
    if dialect is MESSAGES:
        block = {"type": "text", "text": TEXT}
        whole = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [block]}
        return json.dumps({**whole, "stop_reason": "end_turn", "stop_sequence": None, "usage": usage}).encode()
    return json.dumps(response([item(TEXT)], "completed")).encode()


def item(text: str) -> dict[str, Any]:
    """A message of the Responses API."""
    parts = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "id": "i", "role": "assistant", "status": "completed", "content": parts}


def response(output: list[dict[str, Any]], status: str) -> dict[str, Any]:
    """A response of the Responses API."""
    made = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": status, "output": output}
    details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5, **details}
    return {**made, "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "usage": usage}


def streamed(_asked: Any, dialect: Dialect) -> bytes:
    """The same answer in two pieces."""
    one, two = TEXT[:9], TEXT[9:]
    if dialect is CHAT:
        return chunk({"role": "assistant", "content": one}) + chunk({"content": two}) + chunk({}, "stop")
    if dialect is MESSAGES:
        head: dict[str, Any] = {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [],
            "stop_reason": None,
        }
        begin = {**head, "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 0}}
        deltas = [
            event("content_block_delta", index=0, delta={"type": "text_delta", "text": text}) for text in (one, two)
        ]
        end = {"stop_reason": "end_turn", "stop_sequence": None}
        return b"".join(
            [
                event("message_start", message=begin),
                event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
                *deltas,
                event("content_block_stop", index=0),
                event("message_delta", delta=end, usage={"output_tokens": 2}),
                event("message_stop"),
            ]
        )
    at = {"output_index": 0, "item_id": "i", "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": []}
    events: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": response([], "in_progress")}),
        ("response.output_item.added", {"output_index": 0, "item": {**item(""), "content": []}}),
        ("response.content_part.added", {**at, "part": part}),
        *[("response.output_text.delta", {**at, "delta": text, "logprobs": []}) for text in (one, two)],
        ("response.output_text.done", {**at, "text": TEXT, "logprobs": []}),
        ("response.content_part.done", {**at, "part": {**part, "text": TEXT}}),
        ("response.output_item.done", {"output_index": 0, "item": item(TEXT)}),
        ("response.completed", {"response": response([item(TEXT)], "completed")}),
    ]
    return b"".join([event(kind, sequence_number=at, **members) for at, (kind, members) in enumerate(events)])


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Running, Golden]]:
    """A gateway, and the provider behind it."""
    with golden(streamed) as provider, running(provider.config, at_mock=False) as gateway:
        yield gateway, provider


def parsed(gateway: Running, caller: Dialect, model: str, *, is_stream: bool) -> object:
    """What the client's own helper makes of the answer."""
    if caller is MESSAGES:
        with anthropic.Anthropic(api_key="k", base_url=gateway.url, max_retries=0) as client:
            how: Any = {"model": model, "max_tokens": 99, "messages": HELLO, "output_format": Weather}
            if not is_stream:
                return client.messages.parse(**how).parsed_output
            with client.messages.stream(**how) as events:
                return events.get_final_message().parsed_output
    with openai.OpenAI(api_key="k", base_url=f"{gateway.url}/v1", max_retries=0) as other:
        if caller is CHAT:
            how = {"model": model, "messages": HELLO, "response_format": Weather}
            if not is_stream:
                return other.chat.completions.parse(**how).choices[0].message.parsed
            with other.chat.completions.stream(**how) as chunks:
                return chunks.get_final_completion().choices[0].message.parsed
        how = {"model": model, "input": "hi", "text_format": Weather}
        if not is_stream:
            return other.responses.parse(**how).output_parsed
        with other.responses.stream(**how) as items:
            return items.get_final_response().output_parsed


def schema_in(sent: Any, dialect: Dialect) -> Any:
    """The schema that a provider was asked to follow, where its dialect has it."""
    if dialect is CHAT:
        assert sent["response_format"]["type"] == "json_schema"
        return sent["response_format"]["json_schema"]["schema"]
    form = sent["output_config"]["format"] if dialect is MESSAGES else sent["text"]["format"]
    assert form["type"] == "json_schema"
    return form["schema"]


@pytest.mark.parametrize("is_stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize(("caller", "upstream"), ALL_PAIRS)
def test_the_parse_helpers(both: tuple[Running, Golden], caller: Dialect, upstream: Dialect, is_stream: bool) -> None:
    """Eighteen ways: the schema arrives where the dialect of the provider has it, and the object comes back."""
    gateway, provider = both
    provider.received.clear()
    provider.instead = None if is_stream else (200, plain(upstream))
    assert parsed(gateway, caller, MODELS[upstream], is_stream=is_stream) == WANTED
    ((_, _, sent),) = provider.received
    assert set(schema_in(sent, upstream)["properties"]) == {"city", "degrees"}


@pytest.mark.parametrize("upstream", [MESSAGES, RESPONSES])
def test_any_object_at_all(both: tuple[Running, Golden], upstream: Dialect) -> None:
    """``json_object`` arrives where there is such a thing, and is left out with a warning where there is not."""
    gateway, provider = both
    provider.received.clear()
    provider.instead = (200, plain(upstream))
    asked = {"model": MODELS[upstream], "messages": HELLO, "response_format": {"type": "json_object"}}
    answer = gateway.post("/v1/chat/completions", asked)
    assert json.loads(answer.json()["choices"][0]["message"]["content"]) == WANTED.model_dump()
    ((_, _, sent),) = provider.received
    if upstream is RESPONSES:
        assert sent["text"]["format"] == {"type": "json_object"}
    else:
        assert "output_config" not in sent
        assert "response_format" in answer.headers["x-plano-warnings"]
