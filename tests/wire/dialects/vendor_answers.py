"""Every member that the official clients document for an answer and for the events of a stream, one at a time."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.beta import BetaMessage, BetaRawMessageStreamEvent
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage
from openai.types.chat.chat_completion_chunk import Choice, ChoiceDelta
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel

from plano.domain.model import Dialect
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES
from tests.wire.dialects.vendor_fields import Variant

ANSWERS: dict[Dialect, tuple[Any, ...]] = {
    CHAT: (ChatCompletion,),
    MESSAGES: (Message, BetaMessage),
    RESPONSES: (Response,),
}
EVENTS: dict[Dialect, tuple[Any, ...]] = {
    CHAT: (ChatCompletionChunk,),
    MESSAGES: (RawMessageStreamEvent, BetaRawMessageStreamEvent),
    RESPONSES: (ResponseStreamEvent,),
}
_STRINGS = {"arguments": '{"mark":1}', "partial_json": '{"mark":1}', "created_at": "2026-01-01T00:00:00Z"}
_SCALARS: dict[Any, Any] = {int: 17, float: 0.5, bool: True, object: "mark", Any: "mark"}
_BESIDE: dict[Any, dict[str, Any]] = {
    ChatCompletionMessage: {"content": "mark"},
    ChoiceDelta: {"content": "mark"},
    Choice: {"index": 0, "finish_reason": None},
}
"""What an answer does not do without, whatever its type says."""

_MAX_DEPTH = 14


def members_of_answers(dialect: Dialect) -> Iterator[tuple[str, Variant]]:
    """Top-level name and variant of every member of a whole answer."""
    for answer in ANSWERS[dialect]:
        for name, kind, _ in _members(answer):
            yield from ((name, variant) for variant in _variants(kind, name, 0))


def events_of(dialect: Dialect) -> Iterator[Variant]:
    """Every event with every member, one at a time."""
    for event in EVENTS[dialect]:
        yield from _variants(event, "", 0)


def smallest(kind: Any, name: str = "", depth: int = 0) -> Any:
    """The least value of a type."""
    kind = _bare(kind)
    if get_origin(kind) in (Union, types.UnionType):
        return smallest(_of_union(kind)[0], name, depth + 1)
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if _is_record(kind):
        found = {member: smallest(of, member, depth + 1) for member, of, required in _members(kind) if required}
        return found | _BESIDE.get(kind, {})
    if get_origin(kind) is list:
        return [smallest(get_args(kind)[0], name, depth + 1)]
    if get_origin(kind) is dict:
        return {"mark": 1}
    if kind is datetime:
        return "2026-01-01T00:00:00Z"
    return _STRINGS.get(name, f"mark-{name}") if kind is str else _SCALARS[kind]


def _bare(kind: Any) -> Any:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return kind


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _of_union(kind: Any) -> list[Any]:
    return [each for each in map(_bare, get_args(kind)) if each is not type(None)]


def _members(record: Any) -> Iterator[tuple[str, Any, bool]]:
    for name, field in record.model_fields.items():
        yield field.alias or name, field.annotation, field.is_required()


def _variants(kind: Any, name: str, depth: int) -> Iterator[Variant]:
    kind = _bare(kind)
    if depth > _MAX_DEPTH:
        return
    if get_origin(kind) in (Union, types.UnionType):
        for member in _of_union(kind):
            yield from _variants(member, name, depth + 1)
    elif get_origin(kind) is Literal:
        yield from (Variant(f"={word}", None, word) for word in get_args(kind))
    elif _is_record(kind):
        yield from _variants_of_record(kind, name, depth)
    elif get_origin(kind) is list:
        for path, without, value in _variants(get_args(kind)[0], name, depth + 1):
            yield Variant(f"[]{path}", None if without is None else [without], [value])
    else:
        yield Variant("", None, smallest(kind, name, depth))


def _variants_of_record(record: Any, name: str, depth: int) -> Iterator[Variant]:
    least = smallest(record, name, depth)
    label = "{" + str(least.get("type", "")) + "}"
    yield Variant(label, None, least)
    for member, kind, is_required in _members(record):
        for path, without, value in _variants(kind, member, depth + 1):
            if least.get(member) != value:
                rest = least if without is None else least | {member: without}
                rest = None if is_required and without is None else rest
                yield Variant(f"{label}.{member}{path}", rest, least | {member: value})
