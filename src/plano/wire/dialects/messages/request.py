"""A messages request: into the canonical form, and out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from plano.errors import InvalidRequest
from plano.wire.canonical import request as canonical
from plano.wire.canonical.echo import Echo
from plano.wire.dialects import custom_tools, seals, toolbox
from plano.wire.dialects.fates import Ledger, Options, read_options, write_options
from plano.wire.dialects.messages import shapes, sources, written
from plano.wire.dialects.messages.fields import OPTIONS, PLACES
from plano.wire.dialects.messages.generations import generation_of, keep_sampling
from plano.wire.dialects.messages.thinking import write_thinking
from plano.wire.dialects.messages.tools import TOOLS, write_tools
from plano.wire.dialects.reading import NULL, Reader, below, given, missing, needed, read_each
from plano.wire.dialects.toolbox import KnownTools

_READER = Reader(shapes.Request)
_OPTIONS = Options(OPTIONS, shapes.Request)
_MAX_TOKENS = 4096
"""For a caller who names no limit, where the model's own maximum is not known."""


class _AnyObject(msgspec.Struct, gc=False):
    """Nothing of it is kept."""


_ARGUMENTS = msgspec.json.Decoder(_AnyObject)


def decode(body: bytes, known: KnownTools | None = None, *, is_count: bool = False) -> canonical.Decoded:
    """The request of a body; ``is_count``: for nothing but its tokens.

    Raises InvalidRequest with the exact place, or InvalidJson.
    """
    wire, strange = _READER.read(body)
    if wire.max_tokens is None and not is_count:
        raise missing("max_tokens")
    if not wire.messages:
        raise InvalidRequest("messages: must have at least one message", param="messages")
    options, beyond = read_options(wire, _OPTIONS)
    if wire.output_config is not None and wire.output_config.effort is not None:
        asked = options.get("reasoning", canonical.Effort())
        if asked.mode != "off":
            options["reasoning"] = msgspec.structs.replace(asked, effort=wire.output_config.effort)
    is_continued = wire.thread is not None and wire.thread.previous_message_id is not None
    calls = canonical.Calls()
    messages = _messages(wire.messages, calls, is_continued=is_continued)
    box = TOOLS.read(wire.tools, known)
    request = canonical.Request(_system(wire.system), messages, box, options, bool(wire.stream))
    return canonical.Decoded(request, Echo(wants_usage=True), calls.made, strange + box.strange, beyond)


def locate(message: canonical.Message, index: int) -> str:
    """The place of a block in the caller's body."""
    return f"messages[{message.at}].content[{index}]"


def _system(system: str | tuple[shapes.Block, ...] | None) -> tuple[canonical.Text, ...]:
    if not system:
        return ()
    if isinstance(system, str):
        return (canonical.Text(system),)
    return tuple(read_each("system", system, _text))


def _messages(
    messages: tuple[shapes.Message, ...], calls: canonical.Calls, *, is_continued: bool
) -> tuple[canonical.AnyMessage, ...]:
    """``is_continued``: are there calls that their provider keeps?"""
    found: list[canonical.AnyMessage] = []
    for at, message in enumerate(messages):
        content = message.content
        if content and isinstance(content, str):
            found.append(canonical.PlainMessage(message.role, content))
            continue
        if content is None and message.role != "system":
            raise missing(f"messages[{at}].content")
        says_little = not content or content[0].text == ""
        if says_little and _is_empty(message) and (message.role == "user" or at + 1 < len(messages)):
            # As Anthropic has it; an empty last turn of the model is the beginning of none.
            raise InvalidRequest(f"messages[{at}].content: must not be empty", param=f"messages[{at}].content")
        blocks = _blocks(content, at, calls, is_continued=is_continued) if isinstance(content, tuple) else ()
        if blocks:
            found.append(canonical.Message(message.role, blocks, at))
    return tuple(found)


def _is_empty(message: shapes.Message) -> bool:
    """Does it say nothing? A system message may set something instead."""
    content = message.content
    return message.role != "system" and all(
        type(block) is shapes.Block and block.type == "text" and block.text == "" for block in content or ()
    )


def _blocks(
    content: tuple[shapes.Block, ...], at: int, calls: canonical.Calls, *, is_continued: bool
) -> tuple[canonical.Block, ...]:
    blocks: list[canonical.Block] = []
    try:
        for block in content:
            kind = block.type
            if kind == "text" and block.text is not None and block.cache_control is NULL and block.citations is NULL:
                blocks.append(canonical.Text(block.text))
                continue
            read = _BLOCKS.get(kind)
            found = read(block) if read is not None else canonical.Foreign(kind)
            if type(found) is canonical.ToolCall:
                calls.add(found)
            elif type(found) is canonical.ToolResult and found.call_id not in calls.ids and not is_continued:
                raise InvalidRequest("tool_use_id: no tool_use block before it has this id", param="tool_use_id")
            blocks.append(found)
    except InvalidRequest as error:
        raise below(f"messages[{at}].content[{len(blocks)}]", error) from None
    return tuple(blocks)


def _text(block: shapes.Block) -> canonical.Text:
    return canonical.Text(needed(block.text, "text"), given(block.cache_control), given(block.citations))


def _thinking(block: shapes.Block) -> canonical.Block:
    return seals.thought(needed(block.thinking, "thinking"), block.signature)


def _redacted(block: shapes.Block) -> canonical.Block:
    return seals.thought("", needed(block.data, "data"), is_hidden=True)


def _call(block: shapes.Block) -> canonical.Block:
    if block.input is NULL:
        raise missing("input")
    arguments = str(memoryview(block.input), "utf-8")
    if arguments[0] != "{":
        raise InvalidRequest("input: must be an object", param="input")
    cache = None if block.cache_control is NULL else given(block.cache_control)
    return canonical.ToolCall(needed(block.id, "id"), needed(block.name, "name"), arguments, False, cache)


def _result(block: shapes.Block) -> canonical.Block:
    call_id = needed(block.tool_use_id, "tool_use_id")
    content = block.content
    parts: tuple[canonical.Text | canonical.Media, ...] = ()
    if isinstance(content, str):
        parts = (canonical.Text(content),)
    elif isinstance(content, tuple):
        parts = tuple(read_each("content", content, _result_part))
    cache = None if block.cache_control is NULL else given(block.cache_control)
    return canonical.ToolResult(call_id, parts, block.is_error is True, False, cache)


def _result_part(block: shapes.Block) -> canonical.Text | canonical.Media:
    if block.type == "text":
        return _text(block)
    read = _RESULT_PARTS.get(block.type)
    found = read(block) if read is not None else None
    if type(found) is canonical.Text or type(found) is canonical.Media:
        return found
    # What a result holds beside these (tool references, browser states) is small: its JSON is what the model is shown.
    return canonical.Text(msgspec.json.encode(block).decode())


_BLOCKS: Mapping[str, Callable[[shapes.Block], canonical.Block]] = {
    "text": _text,
    "image": sources.image,
    "document": sources.document,
    "search_result": sources.search_result,
    "compaction": sources.compaction,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "tool_use": _call,
    "tool_result": _result,
}
_RESULT_PARTS = {"image": sources.image, "document": sources.document, "search_result": sources.search_result}


def encode(request: canonical.Request, ledger: Ledger) -> dict[str, Any]:
    """The body for a messages upstream. Raises InvalidRequest for what must not be lost."""
    limit = request.options.get("max_output_tokens") or ledger.target.max_output_tokens or _MAX_TOKENS
    body: dict[str, Any] = {"model": ledger.target.model, "max_tokens": ledger.within_limit(limit)}
    system = list(request.system)
    messages = _write_messages(request.messages, system, ledger)
    if not messages:
        ledger.refuse("messages")
    if _role(messages[-1]) == "assistant" and not generation_of(ledger.target.model).goes_on:
        last = request.messages[-1]
        ledger.refuse_last("unfinished_turn", last.at if type(last) is canonical.Message else None)
    system = [text for text in system if _is_said(text)]
    if len(system) == 1 and system[0].cache is None:
        body["system"] = system[0].text
    elif system:
        body["system"] = system
    body["messages"] = messages
    if request.is_stream:
        body["stream"] = True
    if request.box.tools:
        body["tools"] = toolbox.written(request, write_tools, ledger)
    write_options(request.options, PLACES, body, ledger)
    keep_sampling(body, ledger)
    effort = request.options.get("reasoning")
    if effort is not None:
        write_thinking(body, effort, ledger)
    return body


def _write_messages(
    messages: tuple[canonical.AnyMessage, ...], system: list[canonical.Text], ledger: Ledger
) -> list[written.Message]:
    made: list[written.Message] = []
    last_role, is_mixed = "", False
    last = messages[-1] if messages else None
    for message in messages:
        role = message.role
        if role == "system":
            ledger.changed("late_system", "moved to the beginning")
            system += message.texts if type(message) is canonical.PlainMessage else _system_texts(message, ledger)
            continue
        if type(message) is canonical.Message:
            blocks = _write_blocks(message, ledger)
            if not blocks:
                _leave_out(message, ledger, is_asked=message is last and last_role != "user")
                continue
        elif message.content.isspace():
            ledger.changed("text", _LEFT_OUT)
            continue
        elif role != last_role:
            made.append(message)
            last_role = role
            continue
        else:
            blocks = [canonical.Text(message.content)]
        if role != last_role:
            made.append({"role": role, "content": blocks})
            last_role = role
        else:
            is_mixed = is_mixed or (not _ends_in_result(made[-1]) and written.Result in map(type, blocks))
            made[-1] = _extended(made[-1], blocks)
    if is_mixed:
        _put_results_first(made)
    return made


_LEFT_OUT = "left out where a message is nothing but white space"


def _leave_out(message: canonical.Message, ledger: Ledger, *, is_asked: bool) -> None:
    """A message of which nothing is left. Raises InvalidRequest for the turn that is to be answered."""
    if all(type(block) is canonical.Text for block in message.content):
        if is_asked and message.role == "user":
            ledger.refuse_last("text", message.at)
        ledger.changed("text", _LEFT_OUT)


def _extended(message: written.Message, blocks: list[written.Block]) -> written.Message:
    """The message with more blocks, in place: a conversation may be ten thousand messages of one side."""
    if type(message) is canonical.PlainMessage:
        return {"role": message.role, "content": [canonical.Text(message.content), *blocks]}
    message["content"] += blocks
    return message


def _role(message: written.Message) -> str:
    return message.role if type(message) is canonical.PlainMessage else message["role"]


def _ends_in_result(message: written.Message) -> bool:
    return type(message) is dict and type(message["content"][-1]) is written.Result


def _put_results_first(messages: list[written.Message]) -> None:
    """Anthropic refuses words in front of a result of the same turn."""
    for message in messages:
        if type(message) is dict:
            are_others = [type(block) is not written.Result for block in message["content"]]
            if are_others != sorted(are_others):
                message["content"].sort(key=lambda block: type(block) is not written.Result)


def _system_texts(message: canonical.Message, ledger: Ledger) -> list[canonical.Text]:
    """The texts of a system message, which can hold nothing else here. Raises InvalidRequest where it does."""
    if message.name is not None:
        ledger.lost("speaker_name")
    texts: list[canonical.Text] = []
    for index, block in enumerate(message.content):
        if type(block) is not canonical.Text:
            feature = block.kind if isinstance(block, canonical.Media) and block.kind != "audio" else "foreign_block"
            ledger.refuse(feature, at=ledger.place(message, index))
        texts.append(block)
    return texts


def _is_said(text: canonical.Text) -> bool:
    """Anthropic refuses texts of nothing but white space."""
    return bool(text.text) and not text.text.isspace()


def _write_blocks(message: canonical.Message, ledger: Ledger) -> list[written.Block]:
    if message.name is not None:
        ledger.lost("speaker_name")
    blocks: list[written.Block] = []
    for index, block in enumerate(message.content):
        if type(block) is canonical.Text:
            if _is_said(block):
                blocks.append(block)
        elif type(block) is canonical.ToolCall:
            blocks.append(_write_call(block, ledger))
        elif type(block) is canonical.ToolResult:
            blocks.append(_write_result(block, message, index, ledger))
        else:
            write = _WRITERS.get(type(block))
            if write is None:
                ledger.refuse_block(message, index)
            made = write(block, message, index, ledger)
            if made is not None:
                blocks.append(made)
    return blocks


def _write_media(block: canonical.Media, message: canonical.Message, index: int, ledger: Ledger) -> dict[str, Any]:
    if block.kind == "audio":
        ledger.refuse("sound", at=ledger.place(message, index))
    if block.source == "file":
        ledger.refuse("uploaded_file", at=ledger.place(message, index))
    source: dict[str, Any] = {"type": block.source}
    if block.source == "base64":
        source |= {"media_type": block.media_type, "data": block.data}
    elif block.source == "url":
        source["url"] = block.data
    else:
        source |= {"media_type": "text/plain", "data": block.data}
    made: dict[str, Any] = {"type": block.kind, "source": source}
    if block.detail is not None and block.detail != "auto":
        ledger.lost("image.detail")
    if block.name is not None and block.kind == "document":
        made["title"] = block.name
    if block.cache is not None:
        made["cache_control"] = block.cache
    return made


def _write_reasoning(
    block: canonical.Reasoning, _message: canonical.Message, _index: int, ledger: Ledger
) -> dict[str, Any] | None:
    if block.seal is None or block.maker != ledger.target.provider:
        ledger.lost("thinking")
        return None
    if block.is_hidden:
        return {"type": "redacted_thinking", "data": block.seal}
    return {"type": "thinking", "thinking": block.text, "signature": block.seal}


def _write_refusal(block: canonical.Refusal, *_: Any) -> dict[str, Any]:
    return {"type": "text", "text": block.text}


def _write_call(call: canonical.ToolCall, ledger: Ledger) -> written.Call:
    arguments = custom_tools.as_arguments(call.arguments) if call.is_custom else call.arguments or "{}"
    try:
        _ARGUMENTS.decode(arguments)
    except (msgspec.DecodeError, RecursionError):
        # A model wrote these: the conversation goes on, and the next model sees what was wrong with them.
        ledger.changed("tool_call", "arguments that are no JSON object are sent as 'input'")
        arguments = custom_tools.as_arguments(arguments)
    return written.Call(call.id, call.name, msgspec.Raw(arguments), call.cache)


def _write_result(
    result: canonical.ToolResult, message: canonical.Message, index: int, ledger: Ledger
) -> written.Result:
    parts = result.content
    plain = parts[0] if len(parts) == 1 else None
    content: str | list[Any] | None = None
    if type(plain) is canonical.Text and plain.cache is None:
        content = plain.text
    elif parts:
        content = [
            part if type(part) is canonical.Text else _write_media(part, message, index, ledger) for part in parts
        ]
    return written.Result(result.call_id, content, result.is_error or None, result.cache)


_WRITERS: Mapping[type, Callable[[Any, canonical.Message, int, Ledger], written.Block | None]] = {
    canonical.Media: _write_media,
    canonical.Reasoning: _write_reasoning,
    canonical.Refusal: _write_refusal,
}
