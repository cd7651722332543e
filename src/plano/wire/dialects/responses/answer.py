"""A response: into the canonical form, and out of it."""

from __future__ import annotations

from typing import Any

import msgspec

from plano.domain.usage import Usage
from plano.wire.canonical import answer as canonical
from plano.wire.canonical.answer import Answer, AnswerBlock, Finish
from plano.wire.canonical.notes import Notes
from plano.wire.canonical.request import Reasoning, Refusal, Text, ToolCall
from plano.wire.dialects import finishes, seals, usage
from plano.wire.dialects.answering import Answering, AnswerReader
from plano.wire.dialects.chat.answer import SERVICE_TIERS, note_tier
from plano.wire.dialects.reading import NULL, BadAnswer, filled_list


class Part(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A part of what was said."""

    type: str
    text: str | None = None
    refusal: str | None = None
    logprobs: tuple[msgspec.Raw, ...] | None = None
    annotations: tuple[msgspec.Raw, ...] | None = None


class Item(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An item of the output. ``arguments``: a string in calls, of any form in searches for tools."""

    type: str
    id: str | None = None
    content: tuple[Part, ...] | None = None
    summary: tuple[Part, ...] | None = None
    encrypted_content: str | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: Any = None
    input: str | None = None
    status: Any = None
    role: Any = None
    caller: Any = None


class Incomplete(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Why the response is incomplete."""

    reason: str | None = None


class _Repeated(msgspec.Struct, frozen=True, gc=False):
    """What a response repeats of its request, and no caller of another dialect needs."""

    instructions: msgspec.Raw = NULL
    max_output_tokens: msgspec.Raw = NULL
    max_tool_calls: msgspec.Raw = NULL
    metadata: msgspec.Raw = NULL
    parallel_tool_calls: msgspec.Raw = NULL
    prompt_cache_key: msgspec.Raw = NULL
    reasoning: msgspec.Raw = NULL
    safety_identifier: msgspec.Raw = NULL
    temperature: msgspec.Raw = NULL
    text: msgspec.Raw = NULL
    tool_choice: msgspec.Raw = NULL
    tools: msgspec.Raw = NULL
    top_logprobs: msgspec.Raw = NULL
    top_p: msgspec.Raw = NULL
    truncation: msgspec.Raw = NULL
    background: msgspec.Raw = NULL
    conversation: msgspec.Raw = NULL
    frequency_penalty: msgspec.Raw = NULL
    presence_penalty: msgspec.Raw = NULL
    previous_response_id: msgspec.Raw = NULL
    prompt: msgspec.Raw = NULL
    prompt_cache_retention: msgspec.Raw = NULL
    store: msgspec.Raw = NULL
    user: msgspec.Raw = NULL
    completed_at: msgspec.Raw = NULL
    billing: msgspec.Raw = NULL


class Response(_Repeated, frozen=True, gc=False, forbid_unknown_fields=True):
    """A response, whole or at some moment of its stream."""

    object: str | None = None
    status: str | None = None
    output: tuple[Item, ...] = ()
    id: str | None = None
    model: str | None = None
    created_at: float | None = None
    incomplete_details: Incomplete | None = None
    usage: usage.StrictResponsesUsage | None = None
    service_tier: str | None = None
    error: msgspec.Raw = NULL


class _Echoed(msgspec.Struct, frozen=True):
    """What a response repeats of its request."""

    instructions: msgspec.Raw = msgspec.Raw(b"null")
    max_output_tokens: msgspec.Raw = msgspec.Raw(b"null")
    max_tool_calls: msgspec.Raw = msgspec.Raw(b"null")
    metadata: msgspec.Raw = msgspec.Raw(b"{}")
    parallel_tool_calls: msgspec.Raw = msgspec.Raw(b"true")
    prompt_cache_key: msgspec.Raw = msgspec.Raw(b"null")
    reasoning: msgspec.Raw = msgspec.Raw(b"null")
    safety_identifier: msgspec.Raw = msgspec.Raw(b"null")
    temperature: msgspec.Raw = msgspec.Raw(b"1.0")
    text: msgspec.Raw = msgspec.Raw(b'{"format":{"type":"text"}}')
    tool_choice: msgspec.Raw = msgspec.Raw(b'"auto"')
    tools: tuple[dict[str, Any], ...] | None = None
    top_logprobs: msgspec.Raw = msgspec.Raw(b"0")
    top_p: msgspec.Raw = msgspec.Raw(b"1.0")
    truncation: msgspec.Raw = msgspec.Raw(b'"disabled"')


_ECHOED = msgspec.json.Decoder(_Echoed)
_FUNCTION_DEFAULTS: dict[str, Any] = {"description": None, "parameters": None, "strict": None}
_DIRECT = {"type": "direct"}
_CALLS = ("function_call", "custom_tool_call")
ITEM_TYPES = ("message", "reasoning", *_CALLS)
"""What other dialects have a form for; what the provider's own tools did is left out."""
_READER = AnswerReader(Response, {"output[]": ITEM_TYPES})


def decode(body: bytes, answering: Answering) -> Answer:
    """The answer of a body. Raises BadAnswer."""
    notes = Notes()
    wire = _READER.read(body, notes)
    if wire.object != "response":
        raise BadAnswer("the provider's answer is not a response")
    blocks = [block for item in wire.output for block in _blocks(item, answering.provider)]
    note_tier(notes, wire.service_tier)
    for item in wire.output:
        note_item(notes, item)
        note_thought(notes, item)
    logprobs = [found for item in wire.output for part in item.content or () if (found := filled_list(part.logprobs))]
    return Answer(
        wire.id,
        wire.model,
        tuple(blocks),
        finish(wire, wire.status, has_calls=any(type(block) is ToolCall for block in blocks)),
        usage.from_responses(wire.usage) if wire.usage is not None else None,
        int(wire.created_at) if wire.created_at is not None else None,
        wire.service_tier,
        logprobs[0] if len(logprobs) == 1 else None,
        notes,
    )


def note_item(notes: Notes, item: Item) -> None:
    """Notes what of an item that is whole not every dialect has."""
    if item.type not in ITEM_TYPES:
        notes.kind(item.type)
        return
    if item.caller and item.caller != _DIRECT:
        notes.member("output[].caller")
    for part in item.content or ():
        note_part(notes, part)


def note_thought(notes: Notes, item: Item) -> None:
    """Notes that a thought was told in two texts, as ``thought`` takes one of them."""
    if item.type == "reasoning" and item.summary and item.content:
        notes.member("output[].content (beside a summary)")


def note_part(notes: Notes, part: Part) -> None:
    """Notes what of a part that is whole not every dialect has."""
    if part.annotations:
        notes.member("output[].content[].annotations")
    if part.logprobs:
        notes.member("output[].content[].logprobs")


def finish(response: Response, status: str | None, *, has_calls: bool) -> Finish:
    """Why it ended. Raises BadAnswer when it did not end well."""
    if status == "completed":
        return Finish(canonical.TOOL_CALLS if has_calls else canonical.STOP)
    if status == "incomplete":
        reason = response.incomplete_details.reason if response.incomplete_details is not None else None
        return Finish(finishes.FROM_RESPONSES.get(reason or "", reason or canonical.LENGTH))
    raise BadAnswer(f"the provider's response has the status {status!r}")


def _blocks(item: Item, provider: str) -> list[AnswerBlock]:
    if item.type == "message":
        return [_said(part) for part in item.content or ()]
    if item.type == "reasoning":
        found = thought(item, provider)
        return [found] if found.text or found.seal is not None else []
    if item.type in _CALLS and item.call_id is not None and item.name:
        is_custom = item.type == "custom_tool_call"
        arguments = item.input if is_custom else item.arguments
        if not isinstance(arguments, str | None):
            raise BadAnswer(f"the arguments of the call of {item.name!r} are not a string")
        return [ToolCall(item.call_id, item.name, arguments or "", is_custom)]
    if item.type in ITEM_TYPES:
        raise BadAnswer(f"the provider's response has an incomplete item of type {item.type!r}")
    return []


def _said(part: Part) -> AnswerBlock:
    if part.type == "refusal":
        return Refusal(part.refusal or "")
    if part.text is None:
        raise BadAnswer(f"the provider's response has a part of type {part.type!r} that cannot be translated")
    return Text(part.text)


def thought(item: Item, provider: str) -> Reasoning:
    """A thought with its proof, which goes back together with the id of its item."""
    parts = item.summary or item.content or ()
    text = "\n\n".join([part.text for part in parts if part.text])
    proof = proof_of(item)
    return Reasoning(text, proof, provider if proof is not None else None)


def proof_of(item: Item) -> str | None:
    """The proof of a reasoning item: its id and what is encrypted."""
    return f"{item.id or ''}:{item.encrypted_content}" if item.encrypted_content else None


def encode(answer: Answer, answering: Answering) -> bytes:
    """The body of a response."""
    head = snapshot(answer.id, answer.model, answer.created_s, answering)
    if answer.service_tier in SERVICE_TIERS:
        head["service_tier"] = answer.service_tier
    items = [_item(block, f"{head['id']}_{index}", answer) for index, block in enumerate(_merged(answer.blocks))]
    return msgspec.json.encode(head | ending(answer.finish, answer.usage, answering.now_s) | {"output": items})


def snapshot(answer_id: str | None, model: str | None, created_s: int | None, answering: Answering) -> dict[str, Any]:
    """The response object at its beginning, with what it repeats of the request."""
    echoed = _ECHOED.decode(answering.echo.body or b"{}")
    tools = [_FUNCTION_DEFAULTS | tool if tool.get("type") == "function" else tool for tool in echoed.tools or ()]
    fields = {name: getattr(echoed, name) for name in _Echoed.__struct_fields__}
    found = answer_id or answering.id
    return {
        "id": found if found.startswith("resp_") else f"resp_{found}",
        "object": "response",
        "created_at": created_s if created_s is not None else answering.now_s,
        "completed_at": None,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": model or answering.model,
        "previous_response_id": None,
        "output": [],
        "store": False,
        "service_tier": "default",
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "usage": None,
        **fields,
        "tools": tools,
    }


def ending(finish: Finish, counts: Usage | None, now_s: int) -> dict[str, Any]:
    """The members of the response object that its end changes."""
    reason, native = finishes.to_responses(finish.reason)
    changed: dict[str, Any] = {
        "status": "completed" if reason is None else "incomplete",
        "completed_at": now_s if reason is None else None,
        "incomplete_details": None if reason is None else {"reason": reason},
        "usage": usage.to_responses(counts) if counts is not None else None,
    }
    if native is not None:
        changed["incomplete_details"][finishes.NATIVE] = native
    return changed


def _merged(blocks: tuple[AnswerBlock, ...]) -> list[tuple[AnswerBlock, ...]]:
    """Blocks by item: texts and refusals that follow each other are parts of one message."""
    items: list[tuple[AnswerBlock, ...]] = []
    for block in blocks:
        if items and (type(block) is Text or type(block) is Refusal) and isinstance(items[-1][0], Text | Refusal):
            items[-1] = (*items[-1], block)
        else:
            items.append((block,))
    return items


def _item(blocks: tuple[AnswerBlock, ...], name: str, answer: Answer) -> dict[str, Any]:
    first = blocks[0]
    if type(first) is ToolCall:
        return call(first, name)
    if type(first) is Reasoning:
        return reasoning(first.text, seals.marked(first), name)
    parts = [_part(block, answer.logprobs) for block in blocks if (type(block) is Text or type(block) is Refusal)]
    return message(parts, name)


def _part(block: Text | Refusal, logprobs: msgspec.Raw | None) -> dict[str, Any]:
    if type(block) is Refusal:
        return {"type": "refusal", "refusal": block.text}
    return {"type": "output_text", "text": block.text, "annotations": [], "logprobs": logprobs or []}


def message(parts: list[dict[str, Any]], name: str, *, status: str = "completed") -> dict[str, Any]:
    """A message item."""
    return {"id": f"msg_{name}", "type": "message", "status": status, "role": "assistant", "content": parts}


def reasoning(text: str, proof: str | None, name: str) -> dict[str, Any]:
    """A reasoning item."""
    item: dict[str, Any] = {
        "id": f"rs_{name}",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": text}] if text else [],
    }
    return item if proof is None else item | {"encrypted_content": proof}


def call(block: ToolCall, name: str, *, status: str = "completed") -> dict[str, Any]:
    """A call item."""
    if block.is_custom:
        return {
            "id": f"ctc_{name}",
            "type": "custom_tool_call",
            "status": status,
            "call_id": block.id,
            "name": block.name,
            "input": block.arguments,
        }
    return {
        "id": f"fc_{name}",
        "type": "function_call",
        "status": status,
        "arguments": block.arguments,
        "call_id": block.id,
        "name": block.name,
    }
