"""A message: into the canonical form, and out of it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from plano.wire.canonical import answer as canonical
from plano.wire.canonical.answer import Answer, AnswerBlock, Finish
from plano.wire.canonical.notes import Notes
from plano.wire.canonical.request import Reasoning, Refusal, Text, ToolCall
from plano.wire.dialects import finishes, seals, usage
from plano.wire.dialects.answering import Answering, AnswerReader
from plano.wire.dialects.messages import ids
from plano.wire.dialects.reading import NULL, BadAnswer

BLOCK_TYPES = ("text", "thinking", "redacted_thinking", "tool_use")
"""What other dialects have a form for; what the provider's own tools did is left out."""

_DIRECT = {"type": "direct"}
TIERS = {"default": "standard", "priority": "priority", "standard": "standard", "batch": "batch"}
_TIER_WORDS = {"standard": "default"}
_COMMON_TIERS = (None, "standard", "priority")
_ARGUMENTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Block(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = NULL
    citations: tuple[msgspec.Raw, ...] | None = None
    caller: Any = None


class StopDetails(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Why the model refused."""

    explanation: str | None = None
    type: Any = None


class _Message(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: Literal["message"]
    content: tuple[_Block, ...]
    stop_reason: str
    id: str | None = None
    model: str | None = None
    stop_sequence: str | None = None
    stop_details: StopDetails | None = None
    usage: usage.StrictMessagesUsage | None = None
    role: Any = None


_READER = AnswerReader(_Message, {"content[]": BLOCK_TYPES})


def decode(body: bytes, answering: Answering) -> Answer:
    """The answer of a body. Raises BadAnswer."""
    notes = Notes()
    wire = _READER.read(body, notes)
    explanation = wire.stop_details.explanation if wire.stop_details is not None else None
    end = finish(wire.stop_reason, wire.stop_sequence, explanation)
    blocks = [found for block in wire.content if (found := _block(block, answering.provider)) is not None]
    for block in wire.content:
        if block.type not in BLOCK_TYPES:
            notes.kind(block.type)
        elif block.citations:
            notes.member("content[].citations")
        note_caller(notes, block.caller)
    if end.sequence is not None:
        notes.member("stop_sequence")
    tier = wire.usage.service_tier if wire.usage is not None else None
    note_tier(notes, tier)
    return Answer(
        wire.id,
        wire.model,
        (*blocks, *why_refused(end)),
        end,
        usage.from_messages(wire.usage) if wire.usage is not None else None,
        service_tier=service_tier(tier),
        notes=notes,
    )


def note_tier(notes: Notes, word: str | None) -> None:
    """Notes a tier that no other dialect has."""
    if word not in _COMMON_TIERS:
        notes.member("usage.service_tier (any other)")


def note_caller(notes: Notes, caller: Any) -> None:
    """Notes who made a call, unless it was the model itself."""
    if caller and caller != _DIRECT:
        notes.member("content[].caller")


def finish(word: str, sequence: str | None, explanation: str | None) -> Finish:
    """Why it ended; a word that is not Anthropic's is kept."""
    return Finish(finishes.FROM_MESSAGES.get(word, word), sequence, explanation)


def why_refused(finish: Finish) -> tuple[Refusal, ...]:
    """What is said of a refusal, which other dialects have as a part of the answer."""
    return (Refusal(finish.explanation),) if finish.explanation else ()


def service_tier(word: str | None) -> str | None:
    """The tier that answered, in OpenAI's words."""
    return None if word is None else _TIER_WORDS.get(word, word)


def _block(block: _Block, provider: str) -> AnswerBlock | None:
    if block.type not in BLOCK_TYPES:
        return None
    if block.type == "text" and block.text is not None:
        return Text(block.text)
    if block.type == "thinking" and block.thinking is not None:
        return Reasoning(block.thinking, block.signature or None, provider if block.signature else None)
    if block.type == "redacted_thinking" and block.data is not None:
        return Reasoning("", block.data, provider, is_hidden=True)
    if block.type == "tool_use" and block.id is not None and block.name is not None:
        return ToolCall(
            block.id, block.name, str(memoryview(block.input), "utf-8") if block.input is not NULL else "{}"
        )
    raise BadAnswer(f"the provider's answer has an incomplete block of type {block.type!r}")


def encode(answer: Answer, answering: Answering) -> bytes:
    """The body of a message. Raises BadAnswer when the arguments of a tool call are no JSON object."""
    end = refused(answer.finish) if any(type(block) is Refusal for block in answer.blocks) else answer.finish
    word, native = finishes.to_messages(end.reason)
    body: dict[str, Any] = {
        "id": answer.id or answering.id,
        "type": "message",
        "role": "assistant",
        "model": answer.model or answering.model,
        "content": [_written(block) for block in answer.blocks],
        "stop_reason": word,
        "stop_sequence": end.sequence,
        "stop_details": stop_details(end),
        "container": None,
        "usage": usage.to_messages(answer.usage) | {"service_tier": TIERS.get(answer.service_tier or "")},
    }
    if native is not None:
        body[finishes.NATIVE] = native
    return msgspec.json.encode(body)


def refused(finish: Finish) -> Finish:
    """The end of an answer with a refusal in it: OpenAI says that it stopped, Anthropic that it refused."""
    return Finish(canonical.CONTENT_FILTER) if finish.reason == canonical.STOP else finish


def stop_details(finish: Finish) -> dict[str, Any] | None:
    """``stop_details``: only a refusal has them."""
    if finish.reason != canonical.CONTENT_FILTER:
        return None
    return {"type": "refusal", "category": None, "explanation": finish.explanation}


def _written(block: AnswerBlock) -> dict[str, Any]:
    if type(block) is Text:
        return {"type": "text", "text": block.text, "citations": None}
    if type(block) is Refusal:
        return {"type": "text", "text": block.text, "citations": None}
    if type(block) is Reasoning:
        return {"type": "thinking", "thinking": block.text, "signature": seals.marked(block) or ""}
    arguments = block.arguments or "{}"
    try:
        _ARGUMENTS.decode(arguments)
    except (msgspec.DecodeError, RecursionError):
        raise BadAnswer(f"the arguments of the call of {block.name!r} are not a JSON object") from None
    return {
        "type": "tool_use",
        "id": ids.safe(block.id),
        "name": block.name,
        "input": msgspec.Raw(arguments.encode()),
        "caller": _DIRECT,
    }
