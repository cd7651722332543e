"""A chat completion: into the canonical form, and out of it."""

from __future__ import annotations

from typing import Any

import msgspec

from plano.wire.canonical.answer import STOP, TOOL_CALLS, Answer, AnswerBlock, Finish
from plano.wire.canonical.notes import Notes
from plano.wire.canonical.request import Reasoning, Refusal, Text, ToolCall
from plano.wire.dialects import finishes, seals, usage
from plano.wire.dialects.answering import Answering, AnswerReader
from plano.wire.dialects.reading import BadAnswer, filled_list


class _Thought(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: Any = None
    text: str | None = None


class Part(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Mistral sends its thoughts as a part of the content (https://docs.mistral.ai/capabilities/reasoning/)."""

    type: str
    text: str | None = None
    thinking: str | tuple[_Thought, ...] | None = None


class _Function(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    name: str
    arguments: str | None = None


class _Custom(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    name: str
    input: str


class _Call(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    id: str | None = None
    function: _Function | None = None
    custom: _Custom | None = None
    type: Any = None
    index: Any = None


class Detail(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One entry of ``reasoning_details``."""

    type: str
    text: str | None = None
    summary: str | None = None
    signature: str | None = None
    data: str | None = None
    id: Any = None
    format: Any = None
    index: Any = None


class _Message(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    content: str | tuple[Part, ...] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: tuple[Detail, ...] | None = None
    tool_calls: tuple[_Call, ...] | None = None
    function_call: _Function | None = None
    annotations: tuple[msgspec.Raw, ...] | None = None
    role: Any = None


class Logprobs(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Token records are passed on as they are."""

    content: tuple[msgspec.Raw, ...] | None = None


class _Choice(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    message: _Message
    finish_reason: str
    index: int = 0
    native_finish_reason: Any = None
    logprobs: Logprobs | None = None


class _Completion(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    choices: tuple[_Choice, ...]
    id: str | None = None
    model: str | None = None
    created: int | None = None
    usage: usage.StrictChatUsage | None = None
    service_tier: str | None = None
    object: Any = None


PART_TYPES = ("text", "thinking")
_READER = AnswerReader(_Completion, {"choices[].message.content[]": PART_TYPES})

FURTHER_CHOICES = "choices (after the first)"

SERVICE_TIERS = ("auto", "default", "flex", "scale", "priority", "fast")
"""The words of both dialects of OpenAI."""

_COMMON_TIERS = (None, "default", "priority")


def decode(body: bytes, answering: Answering) -> Answer:
    """The answer of a body. Raises BadAnswer."""
    notes = Notes()
    wire = _READER.read(body, notes)
    if not wire.choices:
        raise BadAnswer("the provider's answer has no choices")
    choice = wire.choices[0]
    blocks = _blocks(choice.message, answering)
    logprobs = filled_list(choice.logprobs.content) if choice.logprobs is not None else None
    note_choice(notes, choice.message.annotations, logprobs)
    note_parts(notes, choice.message.content)
    note_tier(notes, wire.service_tier)
    if len(wire.choices) > 1:
        notes.member(FURTHER_CHOICES)
    return Answer(
        wire.id,
        wire.model,
        tuple(blocks),
        finish(choice.finish_reason, has_calls=any(type(block) is ToolCall for block in blocks)),
        usage.from_chat(wire.usage) if wire.usage is not None else None,
        wire.created,
        wire.service_tier,
        logprobs,
        notes,
    )


def note_choice(notes: Notes, annotations: tuple[msgspec.Raw, ...] | None, logprobs: msgspec.Raw | None) -> None:
    """Notes what was said of the words, and that not every dialect has."""
    if annotations:
        notes.member("choices[].message.annotations")
    if logprobs is not None:
        notes.member("choices[].logprobs.content")


def note_tier(notes: Notes, word: str | None) -> None:
    """Notes a tier that not every dialect has."""
    if word not in _COMMON_TIERS:
        known = word in SERVICE_TIERS
        notes.member("service_tier (auto, flex, scale, fast)" if known else "service_tier (any other)")


def note_parts(notes: Notes, content: str | tuple[Part, ...] | None) -> None:
    """Notes the parts that are neither words nor thoughts."""
    if isinstance(content, tuple):
        for part in content:
            if part.type not in PART_TYPES:
                notes.kind(part.type)


def finish(word: str, *, has_calls: bool) -> Finish:
    """Why it ended; a word that is not OpenAI's is kept.

    Several compatible hosts say ``stop`` behind tool calls; the callers of other dialects go by the word alone.
    """
    reason = finishes.FROM_CHAT.get(word, word)
    return Finish(TOOL_CALLS if has_calls and reason == STOP else reason)


def _blocks(message: _Message, answering: Answering) -> list[AnswerBlock]:
    blocks: list[AnswerBlock] = []
    details = [detail for detail in message.reasoning_details or () if detail.signature or detail.data]
    thoughts = message.reasoning_content or message.reasoning
    if details:
        blocks += [thought(detail, answering.provider) for detail in details]
    elif thoughts:
        blocks.append(Reasoning(thoughts))
    else:
        blocks += [
            Reasoning(text) for detail in message.reasoning_details or () if (text := detail.text or detail.summary)
        ]
    if isinstance(message.content, str):
        blocks += [Text(message.content)] if message.content else []
    else:
        blocks += [block for part in message.content or () if (block := said(part)) is not None]
    if message.refusal:
        blocks.append(Refusal(message.refusal))
    calls = message.tool_calls or ()
    if not calls and message.function_call is not None:
        calls = (_Call(None, message.function_call),)
    for index, call in enumerate(calls):
        call_id = call.id or f"call_{answering.id}_{index}"
        if call.function is not None and call.function.name:
            blocks.append(ToolCall(call_id, call.function.name, call.function.arguments or "{}"))
        elif call.custom is not None:
            blocks.append(ToolCall(call_id, call.custom.name, call.custom.input, is_custom=True))
        else:
            raise BadAnswer("the provider's answer has a tool call without a function")
    return blocks


def thought(detail: Detail, provider: str) -> Reasoning:
    """A thought with its proof."""
    is_hidden = detail.type == "reasoning.encrypted"
    return Reasoning(detail.text or detail.summary or "", detail.signature or detail.data, provider, is_hidden)


def said(part: Part) -> Text | Reasoning | None:
    """The words or thoughts of a part, None when it has neither."""
    if part.thinking is not None:
        thoughts = (
            part.thinking if isinstance(part.thinking, str) else "".join([one.text or "" for one in part.thinking])
        )
        return Reasoning(thoughts)
    return Text(part.text) if part.text else None


def encode(answer: Answer, answering: Answering) -> bytes:
    """The body of a chat completion."""
    word, native = finishes.to_chat(answer.finish.reason)
    choice: dict[str, Any] = {
        "index": 0,
        "message": _message(answer.blocks),
        "logprobs": {"content": answer.logprobs, "refusal": None} if answer.logprobs is not None else None,
        "finish_reason": word,
    }
    if native is not None:
        choice[finishes.NATIVE] = native
    body: dict[str, Any] = {
        "id": answer.id or answering.id,
        "object": "chat.completion",
        "created": answer.created_s if answer.created_s is not None else answering.now_s,
        "model": answer.model or answering.model,
        "choices": [choice],
    }
    if answer.usage is not None:
        body["usage"] = usage.to_chat(answer.usage)
    if answer.service_tier in SERVICE_TIERS:
        body["service_tier"] = answer.service_tier
    return msgspec.json.encode(body)


def _message(blocks: tuple[AnswerBlock, ...]) -> dict[str, Any]:
    texts, thoughts, refusals, calls = [], [], [], []
    details: list[dict[str, Any]] = []
    for block in blocks:
        if type(block) is Text:
            texts.append(block.text)
        elif type(block) is Reasoning:
            thoughts.append(block.text)
            details += written_details(block, len(details))
        elif type(block) is Refusal:
            refusals.append(block.text)
        else:
            calls.append(_call(block))
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "".join(texts) if texts or not (calls or refusals) else None,
        "refusal": "".join(refusals) if refusals else None,
    }
    if any(thoughts):
        message["reasoning_content"] = "".join(thoughts)
    if details:
        message["reasoning_details"] = details
    if calls:
        message["tool_calls"] = calls
    return message


def written_details(block: Reasoning, index: int) -> list[dict[str, Any]]:
    """The entry of ``reasoning_details`` for a thought with a proof; none for one without."""
    seal = seals.marked(block)
    if seal is None:
        return []
    if block.is_hidden:
        return [{"type": "reasoning.encrypted", "data": seal, "index": index}]
    return [{"type": "reasoning.text", "text": block.text, "signature": seal, "index": index}]


def _call(call: ToolCall) -> dict[str, Any]:
    if call.is_custom:
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
