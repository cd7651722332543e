"""A responses request: into the canonical form, and out of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plano.errors import InvalidRequest
from plano.wire.canonical import request as canonical
from plano.wire.canonical.echo import Echo
from plano.wire.dialects import media, seals, toolbox
from plano.wire.dialects.fates import Ledger, Options, read_options, write_options
from plano.wire.dialects.reading import Reader, below, given, missing, needed, read_each
from plano.wire.dialects.responses import shapes, written
from plano.wire.dialects.responses.fields import OPTIONS, PLACES
from plano.wire.dialects.responses.parts import read_part
from plano.wire.dialects.responses.tools import TOOLS, write_tools
from plano.wire.dialects.toolbox import KnownTools

_READER = Reader(shapes.Request)
_OPTIONS = Options(OPTIONS, shapes.Request)
_RESULT_PARTS = (canonical.Text, canonical.Media)
_REFERENCE, _NAMED_OUTPUT = _FOREIGN_ITEMS = ("item_reference", "output of a named tool")
"""Items that are no turn of the model, and that only this dialect knows."""


def decode(body: bytes, known: KnownTools | None = None) -> canonical.Decoded:
    """The request of a body. Raises InvalidRequest with the exact place, or InvalidJson."""
    wire, strange = _READER.read(body)
    is_continued = wire.previous_response_id is not None or given(wire.conversation) is not None
    if not wire.input and not is_continued and given(wire.prompt) is None:
        said = "is required" if wire.input is None else "must not be empty"
        raise InvalidRequest(f"input: {said}", param="input")
    options, beyond = read_options(wire, _OPTIONS)
    calls = canonical.Calls()
    system = [canonical.Text(wire.instructions)] if wire.instructions else []
    if isinstance(wire.input, str):
        messages: tuple[canonical.AnyMessage, ...] = (canonical.PlainMessage("user", wire.input),)
    else:
        messages = _messages(wire.input or (), system, calls, is_continued=is_continued)
    box = TOOLS.read(wire.tools, known)
    strange += tuple(_beyond_functions(wire.tool_choice))
    if wire.stream_options is not None and wire.stream_options.include_obfuscation:
        strange += ("stream_options.include_obfuscation",)
    request = canonical.Request(tuple(system), messages, box, options, bool(wire.stream))
    return canonical.Decoded(request, Echo(True, box.custom, body), calls.made, strange + box.strange, beyond)


def _beyond_functions(choice: str | shapes.ToolChoice | None) -> Iterator[str]:
    """The places where a choice is for tools of the provider."""
    if isinstance(choice, shapes.ToolChoice):
        if choice.type not in ("function", "custom", "allowed_tools"):
            yield "tool_choice.type"
        for index, tool in enumerate(choice.tools):
            if tool.type not in ("function", "custom"):
                yield f"tool_choice.tools[{index}].type"


def locate(message: canonical.Message, index: int) -> str:
    """The place of a block in the caller's body; of the first item where one turn of the model is several items."""
    block = message.content[index]
    if message.role == "assistant" or (type(block) is canonical.Foreign and block.kind in _FOREIGN_ITEMS):
        return f"input[{message.at}]"
    name = "output" if type(message.content[0]) is canonical.ToolResult else "content"
    return f"input[{message.at}].{name}[{index}]"


def _messages(
    items: tuple[shapes.Item, ...], system: list[canonical.Text], calls: canonical.Calls, *, is_continued: bool
) -> tuple[canonical.AnyMessage, ...]:
    """Items in order; what the model said in a row is one message. ``system`` takes what stands before them all."""
    found: list[canonical.AnyMessage] = []
    turn: list[canonical.Block] = []
    begun, at, last = 0, 0, len(items) - 1
    try:
        for at, item in enumerate(items):
            kind, role, content = item.type, item.role, item.content
            message: canonical.AnyMessage
            is_words = type(content) is str and content and kind == "message"
            is_sole = role == "assistant" and not turn and at < last and items[at + 1].role == "user"
            if is_words and (is_sole or role == "user"):
                message = canonical.PlainMessage(role, content)  # type: ignore[arg-type]  # words, and a role
            elif is_words and role == "assistant":
                begun = begun if turn else at
                turn.append(canonical.Text(content))  # type: ignore[arg-type]  # words
                continue
            elif kind in _OUTPUTS or (kind == "message" and role != "assistant"):
                message = _told(item, at, calls, is_continued=is_continued)
            else:
                said = _said(item, calls)
                if turn and said and type(said[0]) is canonical.Foreign:
                    found.append(_turn(turn, begun))
                    turn = []
                begun = begun if turn else at
                turn += said
                continue
            if turn:
                found.append(_turn(turn, begun))
                turn = []
            if found or message.role != "system" or not _is_only_words(message):
                found.append(message)
            else:
                system += message.texts
    except InvalidRequest as error:
        raise below(f"input[{at}]", error) from None
    if turn:
        found.append(_turn(turn, begun))
    canonical.place_last(found, at)
    return tuple(found)


def _is_only_words(message: canonical.AnyMessage) -> bool:
    return type(message) is canonical.PlainMessage or all(type(block) is canonical.Text for block in message.content)


def _turn(said: list[canonical.Block], at: int) -> canonical.AnyMessage:
    """A turn of the model; no part of this dialect marks a text."""
    first = said[0]
    if type(first) is canonical.Text and first.text and len(said) == 1:
        return canonical.PlainMessage("assistant", first.text)
    return canonical.Message("assistant", tuple(said), at)


def _told(item: shapes.Item, at: int, calls: canonical.Calls, *, is_continued: bool) -> canonical.AnyMessage:
    """What the model was told in one item."""
    if item.type != "message":
        return canonical.Message("user", _result(item, calls, is_continued=is_continued), at)
    if item.role is None:
        if item.id is not None and item.content is None:
            return canonical.Message("user", (canonical.Foreign(_REFERENCE),), at)
        raise missing("role")
    role: canonical.Role = "user" if item.role == "user" else "system"
    content = item.content
    if content is None:
        raise missing("content")
    if type(content) is str and content:
        return canonical.PlainMessage(role, content)
    return canonical.Message(role, _content(content, "content"), at)


def _content(content: str | tuple[shapes.Part, ...] | None, name: str) -> tuple[canonical.Block, ...]:
    if not content:
        return ()
    if isinstance(content, str):
        return (canonical.Text(content),)
    return tuple(read_each(name, content, read_part))


_OUTPUTS = {"function_call_output": False, "custom_tool_call_output": True}


def _said(item: shapes.Item, calls: canonical.Calls) -> tuple[canonical.Block, ...]:
    """What the model said in one item."""
    if item.type == "message":
        content = item.content
        return (canonical.Text(content),) if type(content) is str and content else _content(content, "content")
    if item.type == "reasoning":
        said = "\n\n".join([part.text for part in item.summary or () if part.text])
        return (seals.thought(said, item.encrypted_content),)
    if item.type not in ("function_call", "custom_tool_call"):
        return (canonical.Foreign(item.type),)
    is_custom = item.type == "custom_tool_call"
    call_id, name = needed(item.call_id, "call_id"), needed(item.name, "name")
    arguments = needed(item.input, "input") if is_custom else needed(item.arguments, "arguments")
    if type(arguments) is not str:
        raise InvalidRequest("arguments: must be a string", param="arguments")
    call = canonical.ToolCall(call_id, name, arguments, is_custom)
    calls.add(call)
    return (call,)


def _result(item: shapes.Item, calls: canonical.Calls, *, is_continued: bool) -> tuple[canonical.Block, ...]:
    """The result of a call, and whatever stands in it that no other dialect has a form for."""
    output = item.output
    if item.call_id is None and item.name is not None:
        return (canonical.Foreign(_NAMED_OUTPUT),)
    call_id, is_custom = needed(item.call_id, "call_id"), _OUTPUTS[item.type]
    if call_id not in calls.ids and not is_continued:
        raise InvalidRequest("call_id: no call before it has this id", param="call_id")
    if output is None:
        raise missing("output")
    if type(output) is str:
        return (canonical.ToolResult(call_id, (canonical.Text(output),), False, is_custom),)
    if isinstance(output, dict):
        raise InvalidRequest("output: must be a string or a list", param="output")
    content = _content(output, "output")
    parts = tuple([part for part in content if isinstance(part, _RESULT_PARTS)])
    others = [part for part in content if not isinstance(part, _RESULT_PARTS)]
    return (canonical.ToolResult(call_id, parts, False, is_custom), *others)


def encode(request: canonical.Request, ledger: Ledger) -> dict[str, Any]:
    """The body for a responses upstream. Raises InvalidRequest for what must not be lost."""
    # The API keeps answers unless it is told not to; the other dialects do not.
    body: dict[str, Any] = {"model": ledger.target.model, "store": False}
    if request.system:
        _note_texts(request.system, ledger)
        body["instructions"] = "\n\n".join([text.text for text in request.system if text.text])
    items: list[Any] = []
    custom: set[str] = set()
    for message in request.messages:
        if type(message) is canonical.PlainMessage:
            items.append(written.Said(message.role, message.content))
        else:
            _write_message(items, message, custom, ledger)
    if not items and "instructions" in body:
        items.append(written.Said("system", body.pop("instructions")))
    body["input"] = items
    if request.is_stream:
        body["stream"] = True
    if request.box.tools:
        body["tools"] = toolbox.written(request, write_tools, ledger)
    write_options(request.options, PLACES, body, ledger)
    return body


def _note_texts(texts: tuple[canonical.Text, ...], ledger: Ledger) -> None:
    for text in texts:
        if text.cache is not None:
            ledger.lost("cache")
        if text.citations is not None:
            ledger.lost("citations")


_SIDES = {canonical.ToolCall: "assistant", canonical.ToolResult: "user"}


def _write_message(items: list[Any], message: canonical.Message, custom: set[str], ledger: Ledger) -> None:
    """The items of one message: what is said between calls, results and thoughts stays in one item."""
    if message.name is not None:
        ledger.lost("speaker_name")
    parts: list[dict[str, Any]] = []
    if not message.content:
        items.append(written.Said(message.role, ""))
    for index, block in enumerate(message.content):
        is_shown = type(block) is canonical.Media and message.role != "assistant"
        if is_shown or type(block) is canonical.Text:
            parts.append(_write_part(block, message, index, ledger))  # type: ignore[arg-type]  # both are narrowed above
            continue
        if message.role != _SIDES.get(type(block), message.role):
            ledger.refuse_block(message, index)
        item = _write_item(block, message, index, custom, ledger)
        if item is not None:
            if parts:
                items.append(_spoken(parts, message.role))
                parts = []
            items.append(item)
    if parts:
        items.append(_spoken(parts, message.role))


def _spoken(parts: list[dict[str, Any]], role: str) -> written.Said:
    if len(parts) == 1 and "text" in parts[0]:
        return written.Said(role, parts[0]["text"])
    if role == "assistant":
        parts = [{"type": "output_text", "text": part["text"], "annotations": []} for part in parts]
    return written.Said(role, parts)


def _write_part(
    block: canonical.Text | canonical.Media, message: canonical.Message, index: int, ledger: Ledger
) -> dict[str, Any]:
    if block.cache is not None:
        ledger.lost("cache")
    if block.citations is not None:
        ledger.lost("citations")
    if type(block) is canonical.Text:
        return {"type": "input_text", "text": block.text}
    if block.source == "file":
        ledger.refuse("uploaded_file", at=ledger.place(message, index))
    if block.kind == "audio":
        ledger.refuse("sound", at=ledger.place(message, index))
    if block.source == "text":
        return {"type": "input_text", "text": block.as_text}
    if block.context is not None:
        ledger.lost("file_context")
    address = block.data if block.source == "url" else media.data_address(block)
    if block.kind == "image":
        return {"type": "input_image", "image_url": address, "detail": block.detail or "auto"}
    if block.source == "url":
        return {"type": "input_file", "file_url": address}
    return {"type": "input_file", "filename": block.name or "document.pdf", "file_data": address}


def _write_item(
    block: canonical.Block, message: canonical.Message, index: int, custom: set[str], ledger: Ledger
) -> written.Call | dict[str, Any] | None:
    if type(block) is canonical.ToolCall:
        if block.cache is not None:
            ledger.lost("cache")
        if block.is_custom:
            custom.add(block.id)
            return {"type": "custom_tool_call", "call_id": block.id, "name": block.name, "input": block.arguments}
        return written.Call(block.id, block.name, block.arguments)
    if type(block) is canonical.ToolResult:
        return _write_result(block, message, index, custom, ledger)
    if type(block) is canonical.Reasoning:
        return _write_reasoning(block, ledger)
    if type(block) is not canonical.Refusal:
        ledger.refuse_block(message, index)
    return {"type": "message", "role": "assistant", "content": block.text}


def _write_result(
    result: canonical.ToolResult, message: canonical.Message, index: int, custom: set[str], ledger: Ledger
) -> dict[str, Any]:
    if result.cache is not None:
        ledger.lost("cache")
    sole = result.content[0] if len(result.content) == 1 else None
    output: Any
    if type(sole) is canonical.Text and sole.citations is None:
        output = f"Error: {sole.text}" if result.is_error else sole.text
    else:
        output = _written_parts(result, message, index, ledger)
    kind = "custom_tool_call_output" if result.call_id in custom else "function_call_output"
    return {"type": kind, "call_id": result.call_id, "output": output}


def _written_parts(
    result: canonical.ToolResult, message: canonical.Message, index: int, ledger: Ledger
) -> str | list[dict[str, Any]]:
    parts = [_write_part(part, message, index, ledger) for part in result.content]
    if result.is_error:
        first = next((part for part in parts if part["type"] == "input_text"), None)
        if first is None:
            parts.insert(0, {"type": "input_text", "text": "Error: "})
        else:
            first["text"] = f"Error: {first['text']}"
    if all(part["type"] == "input_text" for part in parts):
        return "\n\n".join([part["text"] for part in parts])
    return parts


def _write_reasoning(block: canonical.Reasoning, ledger: Ledger) -> dict[str, Any] | None:
    if block.seal is None or block.maker != ledger.target.provider:
        ledger.lost("thinking")
        return None
    item_id, _, proof = block.seal.partition(":")
    summary = [{"type": "summary_text", "text": block.text}] if block.text else []
    return {"type": "reasoning", "id": item_id, "summary": summary, "encrypted_content": proof}
