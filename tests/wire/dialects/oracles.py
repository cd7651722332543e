"""What the vendors say of a body: the types of their official clients, and their OpenAPI schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import jsonschema
from anthropic.types import Message, MessageCreateParams, RawMessageStreamEvent
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.responses import Response, ResponseCreateParams, ResponseStreamEvent
from pydantic import TypeAdapter
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from plano.domain.model import Dialect
from plano.wire import sse

CHAT, MESSAGES, RESPONSES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES, Dialect.OPENAI_RESPONSES
DIALECTS = (CHAT, MESSAGES, RESPONSES)

_SPECS = {CHAT: "openai_chat", MESSAGES: "anthropic", RESPONSES: "openresponses"}
_REQUEST_SCHEMAS = {
    CHAT: "CreateChatCompletionRequest",
    MESSAGES: "CreateMessageParams",
    RESPONSES: "CreateResponseBody",
}
_ANSWER_SCHEMAS = {CHAT: "CreateChatCompletionResponse", MESSAGES: "Message", RESPONSES: "ResponseResource"}
_REQUEST_TYPES: dict[Dialect, Any] = {
    CHAT: CompletionCreateParams,
    MESSAGES: MessageCreateParams,
    RESPONSES: ResponseCreateParams,
}
_ANSWER_TYPES: dict[Dialect, Any] = {CHAT: ChatCompletion, MESSAGES: Message, RESPONSES: Response}
_EVENT_TYPES: dict[Dialect, Any] = {
    CHAT: ChatCompletionChunk,
    MESSAGES: RawMessageStreamEvent,
    RESPONSES: ResponseStreamEvent,
}


def check_request(body: bytes, dialect: Dialect) -> None:
    """Both oracles accept a request."""
    document = json.loads(body)
    _drain(_adapter(_REQUEST_TYPES[dialect]).validate_python(document))
    _check_schema(document, dialect, _REQUEST_SCHEMAS[dialect])


def check_answer(body: bytes, dialect: Dialect) -> None:
    """Both oracles accept an answer."""
    document = json.loads(body)
    _adapter(_ANSWER_TYPES[dialect]).validate_python(document)
    _check_schema(document, dialect, _ANSWER_SCHEMAS[dialect])


def check_stream(stream: bytes, dialect: Dialect) -> None:
    """The official types accept every event of a stream."""
    for event in events_of(stream):
        _adapter(_EVENT_TYPES[dialect]).validate_python(event)


def events_of(stream: bytes) -> list[dict[str, Any]]:
    """The JSON of every event; each has its data, and its name is its type."""
    events = []
    splitter = sse.Splitter()
    for event in splitter.feed(stream):
        data = sse.data_of(event)
        assert data is not None
        if data != b"[DONE]":
            document = json.loads(data)
            if event.startswith(b"event: "):
                assert event.partition(b"\n")[0] == f"event: {document['type']}".encode()
            events.append(document)
    assert splitter.rest == b""
    return events


@cache
def _adapter(wanted: Any) -> TypeAdapter[Any]:
    return TypeAdapter(wanted)


def _drain(value: Any) -> Any:
    """Forces what pydantic only validates when it is iterated."""
    if isinstance(value, dict):
        return {key: _drain(item) for key, item in value.items()}
    if isinstance(value, list | tuple) or type(value).__name__ == "ValidatorIterator":
        return [_drain(item) for item in value]
    return value


def _check_schema(document: Any, dialect: Dialect, name: str) -> None:
    errors = sorted(_validator(dialect, name).iter_errors(document), key=lambda error: list(map(str, error.path)))
    assert not errors, [f"{'.'.join(map(str, error.path))}: {error.message[:300]}" for error in errors]


@cache
def _validator(dialect: Dialect, name: str) -> jsonschema.Draft202012Validator:
    text = resources.files("llm_comply.specs").joinpath(f"{_SPECS[dialect]}.json").read_text(encoding="utf-8")
    spec = json.loads(text)
    for schema in _objects(spec):
        _adapt(schema)
    resource: Resource[Any] = Resource.from_contents(spec, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:spec", resource)
    return jsonschema.Draft202012Validator({"$ref": f"urn:spec#/components/schemas/{name}"}, registry=registry)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _adapt(schema: dict[str, Any]) -> None:
    """OpenAPI 3.0 in the words of JSON Schema."""
    if schema.pop("nullable", None) is True:
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                schema[choice] = [*schema[choice], {"type": "null"}]
        kind = schema.get("type", "null")
        if "type" in schema:
            schema["type"] = [kind, "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("exclusiveMinimum"), bool):
        schema.pop("exclusiveMinimum")
    if isinstance(schema.get("exclusiveMaximum"), bool):
        schema.pop("exclusiveMaximum")
