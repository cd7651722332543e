"""The JSON of a chunk of a chat stream, as far as another dialect has a form for it."""

from __future__ import annotations

from typing import Any

import msgspec

from plano.wire.dialects import usage
from plano.wire.dialects.answering import AnswerReader, Scalar
from plano.wire.dialects.chat.answer import PART_TYPES, Detail, Logprobs, Part
from plano.wire.dialects.reading import NULL


class Function(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What is called, and a piece of its arguments, or of its free text."""

    name: str | None = None
    arguments: str | None = None
    input: str | None = None


class Call(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A piece of a call."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None
    custom: Function | None = None
    type: Any = None


class Said(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What a chunk adds."""

    content: str | tuple[Part, ...] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: tuple[Detail, ...] | None = None
    tool_calls: tuple[Call, ...] | None = None
    function_call: Function | None = None
    annotations: tuple[msgspec.Raw, ...] | None = None
    role: Scalar = None


NOTHING = Said()


class Choice(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """``finish_reason``: several hosts send an empty one before the end."""

    index: int = 0
    delta: Said | None = NOTHING
    finish_reason: str | None = None
    logprobs: Logprobs | None = None
    native_finish_reason: Any = None


class Chunk(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One event. ``object`` and ``obfuscation`` say nothing."""

    id: str | None = None
    model: str | None = None
    created: int | None = None
    choices: tuple[Choice, ...] | None = None
    usage: usage.StrictChatUsage | None = None
    service_tier: str | None = None
    error: msgspec.Raw = NULL
    object: Scalar = None
    system_fingerprint: Scalar = None
    provider: Any = None
    obfuscation: Scalar = None


READER = AnswerReader(Chunk, {"choices[].delta.content[]": PART_TYPES})


def words_alone(choices: tuple[Choice, ...]) -> str | None:
    """The words of a chunk in which there is nothing else, as in nearly all; None or none for any other."""
    choice, delta = choices[0], choices[0].delta
    if len(choices) > 1 or choice.index or choice.finish_reason or choice.logprobs is not None:
        return None
    if delta is None or delta.tool_calls or delta.reasoning_content or delta.reasoning or delta.reasoning_details:
        return None
    if delta.refusal or delta.annotations or delta.function_call is not None:
        return None
    return delta.content if type(delta.content) is str else None
