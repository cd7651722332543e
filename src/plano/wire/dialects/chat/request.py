"""A chat completions request: into the canonical form, and out of it."""

from __future__ import annotations

from typing import Any

from plano.errors import InvalidRequest
from plano.wire.canonical import request as canonical
from plano.wire.canonical.echo import Echo
from plano.wire.dialects import custom_tools, media, seals, toolbox
from plano.wire.dialects.chat import shapes, written
from plano.wire.dialects.chat.fields import OPTIONS, PLACES
from plano.wire.dialects.chat.parts import READERS
from plano.wire.dialects.chat.tools import TOOLS, write_tools
from plano.wire.dialects.fates import Ledger, Options, read_options, write_options
from plano.wire.dialects.reading import NULL, Reader, below, missing, needed
from plano.wire.dialects.toolbox import KnownTools

_READER = Reader(shapes.Request)
_OPTIONS = Options(OPTIONS, shapes.Request)
_FUNCTION = "function"
"""A role of the form before tools, which some hosts still take."""


def decode(body: bytes, known: KnownTools | None = None) -> canonical.Decoded:
    """The request of a body. Raises InvalidRequest with the exact place, or InvalidJson."""
    wire, strange = _READER.read(body)
    if not wire.messages:
        raise InvalidRequest("messages: must have at least one message", param="messages")
    calls = canonical.Calls()
    system, messages, named = _messages(wire.messages, calls)
    strange += named
    options, beyond = read_options(wire, _OPTIONS)
    box = TOOLS.read(wire.tools, known)
    request = canonical.Request(system, messages, box, options, bool(wire.stream))
    wants_usage = wire.stream_options is not None and bool(wire.stream_options.include_usage)
    if wire.stream_options is not None and wire.stream_options.include_obfuscation:
        strange += ("stream_options.include_obfuscation",)
    if wire.tool_choice is not None and "tool_choice" not in options:
        strange += ("tool_choice.type",)
    echo = Echo(wants_usage=wants_usage, custom_tools=box.custom)
    return canonical.Decoded(request, echo, calls.made, strange + box.strange, beyond)


def locate(message: canonical.Message, index: int) -> str:
    """The place of a block in the caller's body."""
    block = message.content[index]
    if type(block) is canonical.ToolCall:
        before = sum(type(each) is canonical.ToolCall for each in message.content[:index])
        return f"messages[{message.at}].tool_calls[{before}]"
    if type(block) is canonical.ToolResult:
        return f"messages[{message.at}]"
    if type(block) is canonical.Foreign and block.kind == _FUNCTION:
        return f"messages[{message.at}].role"
    before = sum(type(each) is canonical.Reasoning for each in message.content[:index])
    return f"messages[{message.at}].content[{index - before}]"


def _messages(
    messages: tuple[shapes.Message, ...], calls: canonical.Calls
) -> tuple[tuple[canonical.Text, ...], tuple[canonical.AnyMessage, ...], tuple[str, ...]]:
    """What stands before the conversation, the conversation, and where names stood that nothing keeps."""
    system: list[canonical.Text] = []
    found: list[canonical.AnyMessage] = []
    named: list[str] = []
    at = 0
    try:
        for at, message in enumerate(messages):
            role, content = message.role, message.content
            if (
                type(content) is str
                and content
                and message.name is None
                and (
                    role == "user"
                    or (
                        role == "assistant"
                        and not (
                            message.tool_calls
                            or message.reasoning_content
                            or message.refusal
                            or message.reasoning_details
                        )
                    )
                )
            ):
                found.append(canonical.PlainMessage(role, content))
            elif role == "user":
                found.append(canonical.Message("user", _said(content), at, message.name))
            elif role == "assistant":
                found.append(_assistant(message, at, calls))
            elif role == "tool":
                found.append(_result(message, at, calls))
            elif role == _FUNCTION:
                found.append(canonical.Message("user", (canonical.Foreign(role),), at))
            else:
                blocks = _said(content)
                texts = [block for block in blocks if type(block) is canonical.Text]
                if found or len(texts) != len(blocks):
                    found.append(canonical.Message("system", blocks, at, message.name))
                else:
                    system += texts
                    named += [] if message.name is None else [f"messages[{at}].name"]
    except InvalidRequest as error:
        raise below(f"messages[{at}]", error) from None
    canonical.place_last(found, at)
    return tuple(system), tuple(found), tuple(named)


def _said(content: str | tuple[shapes.Part, ...] | None) -> tuple[canonical.Block, ...]:
    """The blocks of a content that must be there: only the model may say nothing."""
    if content is None:
        raise missing("content")
    if content == ():
        raise InvalidRequest("content: must not be an empty list", param="content")
    return _content(content)


def _content(content: str | tuple[shapes.Part, ...] | None) -> tuple[canonical.Block, ...]:
    if not content:
        return ()
    if isinstance(content, str):
        return (canonical.Text(content),)
    blocks: list[canonical.Block] = []
    try:
        for part in content:
            kind = part.type
            if kind == "text" and part.text is not None and part.cache_control is NULL:
                blocks.append(canonical.Text(part.text))
            else:
                read = READERS.get(kind)
                blocks.append(read(part) if read is not None else canonical.Foreign(kind))
    except InvalidRequest as error:
        raise below(f"content[{len(blocks)}]", error) from None
    return tuple(blocks)


_RESULT_PARTS = (canonical.Text, canonical.Media)


def _assistant(message: shapes.Message, at: int, calls: canonical.Calls) -> canonical.Message:
    blocks: list[canonical.Block] = []
    if message.reasoning_details:
        blocks += [_thought(detail) for detail in message.reasoning_details]
    elif message.reasoning_content:
        blocks.append(canonical.Reasoning(message.reasoning_content))
    content = message.content
    if content:
        blocks += _content(content)
    if message.refusal:
        blocks.append(canonical.Refusal(message.refusal))
    for index, call in enumerate(message.tool_calls or ()):
        if call.function is not None:
            made = canonical.ToolCall(call.id, call.function.name, call.function.arguments)
        elif call.custom is not None:
            made = canonical.ToolCall(call.id, call.custom.name, call.custom.input, is_custom=True)
        else:
            raise missing(f"tool_calls[{index}].function")
        calls.add(made)
        blocks.append(made)
    return canonical.Message("assistant", tuple(blocks), at, message.name)


def _thought(detail: shapes.ReasoningDetail) -> canonical.Reasoning:
    is_hidden = detail.type == "reasoning.encrypted"
    return seals.thought(detail.text or "", detail.signature or detail.data, is_hidden=is_hidden)


def _result(message: shapes.Message, at: int, calls: canonical.Calls) -> canonical.Message:
    call_id = message.tool_call_id
    if call_id is None or call_id not in calls.ids:
        needed(call_id, "tool_call_id")
        raise InvalidRequest("tool_call_id: no tool call before it has this id", param="tool_call_id")
    content = message.content
    if type(content) is str:
        return canonical.Message("user", (canonical.ToolResult(call_id, (canonical.Text(content),)),), at)
    blocks = _said(content)
    parts = tuple([part for part in blocks if isinstance(part, _RESULT_PARTS)])
    others = [part for part in blocks if not isinstance(part, _RESULT_PARTS)]
    return canonical.Message("user", (canonical.ToolResult(call_id, parts), *others), at)


def encode(request: canonical.Request, ledger: Ledger) -> dict[str, Any]:
    """The body for a chat completions upstream. Raises InvalidRequest for what must not be lost."""
    body: dict[str, Any] = {"model": ledger.target.model}
    messages: list[Any] = []
    if request.system:
        messages.append({"role": "system", "content": _joined(request.system, ledger)})
    for message in request.messages:
        if type(message) is canonical.PlainMessage:
            messages.append(message)
        else:
            _write_message(messages, message, ledger)
    body["messages"] = messages
    if request.is_stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    if request.box.tools:
        body["tools"] = toolbox.written(request, write_tools, ledger)
    write_options(request.options, PLACES, body, ledger)
    return body


def _joined(texts: tuple[canonical.Text, ...] | list[canonical.Text], ledger: Ledger) -> str:
    """One string: several hosts take no list where there is only text."""
    if len(texts) == 1 and texts[0].cache is None and texts[0].citations is None:
        return texts[0].text
    for text in texts:
        if text.cache is not None:
            ledger.lost("cache")
        if text.citations is not None:
            ledger.lost("citations")
    return texts[0].text if len(texts) == 1 else "\n\n".join([text.text for text in texts if text.text])


_Shown = list[tuple[int, canonical.Text | canonical.Media]]
"""Blocks that people see, with the positions they are named by."""


def _write_message(messages: list[Any], message: canonical.Message, ledger: Ledger) -> None:
    if not message.content:
        messages.append({"role": message.role, "content": ""})
        return
    if message.role == "assistant":
        turn = _write_assistant(message, ledger)
        if turn["content"] is not None or len(turn) > 2:
            messages.append(turn)
        return
    shown: _Shown = []
    for index, block in enumerate(message.content):
        if type(block) is canonical.ToolResult:
            messages.append(_write_result(block, index, shown, ledger))
        elif type(block) is canonical.Text or type(block) is canonical.Media:
            shown.append((index, block))
        else:
            ledger.refuse_block(message, index)
    if not shown:
        return
    texts = [block for _, block in shown if type(block) is canonical.Text]
    content: Any
    if len(texts) == len(shown):
        content = _joined(texts, ledger)
    else:
        content = [_write_part(block, message, index, ledger) for index, block in shown]
    said = {"role": message.role, "content": content}
    if message.name is not None:
        said["name"] = message.name
    messages.append(said)


def _write_part(
    block: canonical.Text | canonical.Media, message: canonical.Message, index: int, ledger: Ledger
) -> canonical.Text | dict[str, Any]:
    if block.cache is not None:
        ledger.lost("cache")
    if block.citations is not None:
        ledger.lost("citations")
    if type(block) is canonical.Text:
        return canonical.Text(block.text)
    return _MEDIA[block.kind](block, message, index, ledger)


def _write_image(block: canonical.Media, message: canonical.Message, index: int, ledger: Ledger) -> dict[str, Any]:
    if block.source == "file":
        ledger.lost("uploaded_file", at=ledger.place(message, index))
    image = {"url": block.data if block.source == "url" else media.data_address(block)}
    if block.detail is not None:
        image["detail"] = block.detail
    return {"type": "image_url", "image_url": image}


def _write_document(block: canonical.Media, message: canonical.Message, index: int, ledger: Ledger) -> dict[str, Any]:
    if block.detail is not None:
        ledger.changed("image.detail", "dropped where it is about a document")
    if block.source == "text":
        return {"type": "text", "text": block.as_text}
    if block.source != "base64":
        feature = "document" if block.source == "url" else "uploaded_file"
        ledger.lost(feature, at=ledger.place(message, index))
    if block.context is not None:
        ledger.lost("file_context")
    return {
        "type": "file",
        "file": {"filename": block.name or "document.pdf", "file_data": media.data_address(block)},
    }


def _write_audio(block: canonical.Media, *_: Any) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": {"data": block.data, "format": block.media_type}}


_MEDIA = {"image": _write_image, "document": _write_document, "audio": _write_audio}


def _write_result(result: canonical.ToolResult, index: int, shown: _Shown, ledger: Ledger) -> written.Result:
    """A tool message; images and documents, which it cannot hold, are shown in the user message behind the results."""
    texts = result.texts
    if len(texts) != len(result.content):
        shown.append((index, canonical.Text(f"Returned by tool call {result.call_id}:")))
        shown += [(index, part) for part in result.content if type(part) is not canonical.Text]
    if result.cache is not None:
        ledger.lost("cache")
    content = _joined(texts, ledger) if texts else ""
    if result.is_error:
        content = f"Error: {content}"
    return written.Result(result.call_id, content)


def _write_assistant(message: canonical.Message, ledger: Ledger) -> dict[str, Any]:
    texts: list[canonical.Text] = []
    calls: list[written.Call] = []
    turn: dict[str, Any] = {"role": "assistant", "content": None}
    for index, block in enumerate(message.content):
        if type(block) is canonical.Text:
            texts.append(block)
        elif type(block) is canonical.ToolCall:
            calls.append(_write_call(block, ledger))
        elif type(block) is canonical.Reasoning:
            ledger.lost("thinking")
        elif type(block) is canonical.Refusal:
            turn["refusal"] = block.text
        else:
            ledger.refuse_block(message, index)
    if texts:
        turn["content"] = _joined(texts, ledger)
    if calls:
        turn["tool_calls"] = calls
    if message.name is not None:
        turn["name"] = message.name
    return turn


def _write_call(call: canonical.ToolCall, ledger: Ledger) -> written.Call:
    if call.cache is not None:
        ledger.lost("cache")
    arguments = custom_tools.as_arguments(call.arguments) if call.is_custom else call.arguments
    return written.Call(call.id, written.Function(call.name, arguments))
