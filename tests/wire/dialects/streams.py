"""Streams as upstreams send them, and what a stream says when it is put together again."""

from __future__ import annotations

import json
from typing import Any

from plano.domain.model import Dialect
from plano.errors import ChainFailed
from plano.wire.dialects.stream_translator import StreamTranslator
from tests.wire.dialects.oracles import events_of
from tests.wire.dialects.samples import CHAT, CHAT_USAGE, MESSAGES, RESPONSES, answering

_STOPS = {"stop": "stop", "end_turn": "stop", "tool_calls": "tools", "tool_use": "tools"}


def chunk(delta: dict[str, Any], finish: str | None = None, **members: Any) -> bytes:
    """One event of a chat stream."""
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1690000000, "model": "gpt-4o"}
    return b"data: " + json.dumps({**base, "choices": choices, **members}, ensure_ascii=False).encode() + b"\n\n"


def event(kind: str, **members: Any) -> bytes:
    """One event of the other two dialects."""
    body = json.dumps({"type": kind, **members}, ensure_ascii=False).encode()
    return f"event: {kind}\ndata: ".encode() + body + b"\n\n"


def interleaved(count: int) -> bytes:
    """A chat stream with tool calls whose arguments come in turns."""
    opened = [
        chunk({"tool_calls": [{"index": n, "id": f"call_{n}", "type": "function", "function": {"name": f"f{n}"}}]})
        for n in range(count)
    ]
    parts = [
        chunk({"tool_calls": [{"index": n, "function": {"arguments": part}}]})
        for pieces in zip(*[('{"n"', ":", f"{n}", "}") for n in range(count)], strict=True)
        for n, part in enumerate(pieces)
    ]
    return b"".join([*opened, *parts, chunk({}, "tool_calls"), b"data: [DONE]\n\n"])


def _chat() -> bytes:
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "Hm"},
        {"reasoning_content": "…"},
        {"content": "Grüße "},
        {"content": "日本 🙂"},
        {"tool_calls": [call]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"city":'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '"Oslo"}'}}]},
    ]
    usage = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [], "usage": CHAT_USAGE}
    end = [chunk({}, "tool_calls"), b"data: " + json.dumps(usage).encode() + b"\n\n", b"data: [DONE]\n\n"]
    return b"".join([*map(chunk, deltas), *end])


def _messages() -> bytes:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": []}
    usage = {"input_tokens": 40, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 20, "output_tokens": 1}

    def block(index: int, kind: dict[str, Any], deltas: list[dict[str, Any]]) -> bytes:
        start = event("content_block_start", index=index, content_block=kind)
        middle = [event("content_block_delta", index=index, delta=delta) for delta in deltas]
        return b"".join([start, *middle, event("content_block_stop", index=index)])

    thought = {"type": "thinking", "thinking": "", "signature": ""}
    call = {"type": "tool_use", "id": "call_1", "name": "weather", "input": {}}
    parts = [
        event("message_start", message=message | {"usage": usage}),
        block(
            0,
            thought,
            [
                {"type": "thinking_delta", "thinking": "Hm"},
                {"type": "thinking_delta", "thinking": "…"},
                {"type": "signature_delta", "signature": "c2ln"},
            ],
        ),
        event("ping"),
        block(
            1,
            {"type": "text", "text": ""},
            [{"type": "text_delta", "text": "Grüße "}, {"type": "text_delta", "text": "日本 🙂"}],
        ),
        block(
            2,
            call,
            [
                {"type": "input_json_delta", "partial_json": ""},
                {"type": "input_json_delta", "partial_json": '{"city":'},
                {"type": "input_json_delta", "partial_json": '"Oslo"}'},
            ],
        ),
        event("message_delta", delta={"stop_reason": "tool_use", "stop_sequence": None}, usage={"output_tokens": 7}),
        event("message_stop"),
    ]
    return b"".join(parts)


def _responses() -> bytes:
    response = {"id": "resp_1", "object": "response", "created_at": 1690000000, "model": "gpt-4o", "output": []}
    usage = {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 40},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 107,
    }
    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    said = {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": ""}
    part = {"type": "output_text", "text": "", "annotations": []}
    place = {"item_id": "msg_1", "output_index": 1, "content_index": 0}
    summary = {"item_id": "rs_1", "output_index": 0, "summary_index": 0}
    steps: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": response | {"status": "in_progress"}}),
        ("response.in_progress", {"response": response | {"status": "in_progress"}}),
        ("response.output_item.added", {"output_index": 0, "item": thought}),
        ("response.reasoning_summary_part.added", summary | {"part": {"type": "summary_text", "text": ""}}),
        ("response.reasoning_summary_text.delta", summary | {"delta": "Hm"}),
        ("response.reasoning_summary_text.delta", summary | {"delta": "…"}),
        ("response.reasoning_summary_text.done", summary | {"text": "Hm…"}),
        ("response.output_item.done", {"output_index": 0, "item": thought | {"encrypted_content": "ZW5j"}}),
        ("response.output_item.added", {"output_index": 1, "item": said}),
        ("response.content_part.added", place | {"part": part}),
        ("response.output_text.delta", place | {"delta": "Grüße "}),
        ("response.output_text.delta", place | {"delta": "日本 🙂"}),
        ("response.output_text.done", place | {"text": "Grüße 日本 🙂"}),
        ("response.content_part.done", place | {"part": part | {"text": "Grüße 日本 🙂"}}),
        ("response.output_item.done", {"output_index": 1, "item": said | {"status": "completed"}}),
        ("response.output_item.added", {"output_index": 2, "item": call}),
        ("response.function_call_arguments.delta", {"item_id": "fc_1", "output_index": 2, "delta": '{"city":'}),
        ("response.function_call_arguments.delta", {"item_id": "fc_1", "output_index": 2, "delta": '"Oslo"}'}),
        ("response.function_call_arguments.done", {"item_id": "fc_1", "output_index": 2, "arguments": "…"}),
        ("response.output_item.done", {"output_index": 2, "item": call | {"arguments": '{"city":"Oslo"}'}}),
        ("response.completed", {"response": response | {"status": "completed", "usage": usage}}),
    ]
    return b"".join(event(kind, sequence_number=number, **members) for number, (kind, members) in enumerate(steps))


STREAMS = {CHAT: _chat(), MESSAGES: _messages(), RESPONSES: _responses()}


def folded(stream: bytes, dialect: Dialect) -> dict[str, Any]:
    """What a stream says: text, thoughts, calls, how it ended, (input, output) tokens."""
    said: dict[str, Any] = {"text": "", "thoughts": "", "calls": {}, "finish": None, "usage": None}
    fold = {CHAT: _fold_chat, MESSAGES: _fold_messages, RESPONSES: _fold_responses}[dialect]
    for each in events_of(stream):
        fold(each, said)
    said["calls"] = [(call[0], call[1], _arguments(call[2])) for call in said["calls"].values()]
    return said


def _arguments(text: str) -> Any:
    """The arguments; the text itself while they are not whole."""
    try:
        return json.loads(text or "{}")
    except json.JSONDecodeError:
        return text


def _fold_chat(each: dict[str, Any], said: dict[str, Any]) -> None:
    for choice in each["choices"]:
        delta = choice["delta"]
        said["text"] += delta.get("content") or ""
        said["thoughts"] += delta.get("reasoning_content") or ""
        for call in delta.get("tool_calls") or ():
            function = call.get("function", {})
            known = said["calls"].setdefault(call.get("index"), [call.get("id"), function.get("name"), ""])
            known[2] += function.get("arguments") or ""
        if choice["finish_reason"] is not None:
            said["finish"] = _STOPS.get(choice["finish_reason"], choice["finish_reason"])
    if each.get("usage"):
        said["usage"] = (each["usage"]["prompt_tokens"], each["usage"]["completion_tokens"])


def _fold_messages(each: dict[str, Any], said: dict[str, Any]) -> None:
    delta = each.get("delta", {})
    said["text"] += delta.get("text", "")
    said["thoughts"] += delta.get("thinking", "")
    if each["type"] == "content_block_start" and each["content_block"]["type"] == "tool_use":
        said["calls"][each["index"]] = [each["content_block"]["id"], each["content_block"]["name"], ""]
    if "partial_json" in delta:
        said["calls"][each["index"]][2] += delta["partial_json"]
    if each["type"] == "message_start":
        said["input"] = each["message"].get("usage", {})
    if each["type"] == "message_delta":
        counts = said["input"] | {key: value for key, value in each["usage"].items() if value is not None}
        names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        said["usage"] = (sum(counts.get(name) or 0 for name in names), counts["output_tokens"])
        said["reason"] = _STOPS.get(delta["stop_reason"], delta["stop_reason"])
    if each["type"] == "message_stop":
        said["finish"] = said.pop("reason")
        said.pop("input")


def _fold_responses(each: dict[str, Any], said: dict[str, Any]) -> None:
    kind, delta = each["type"], each.get("delta", "")
    if kind == "response.output_text.delta":
        said["text"] += delta
    elif kind.startswith("response.reasoning") and kind.endswith("delta"):
        said["thoughts"] += delta
    elif kind == "response.output_item.added" and each["item"]["type"] == "function_call":
        said["calls"][each["output_index"]] = [each["item"]["call_id"], each["item"]["name"], ""]
    elif kind == "response.function_call_arguments.delta":
        said["calls"][each["output_index"]][2] += delta
    elif kind in ("response.completed", "response.incomplete"):
        response = each["response"]
        usage = response["usage"]
        said["usage"] = (usage["input_tokens"], usage["output_tokens"]) if usage is not None else None
        said["finish"] = "length" if response["status"] == "incomplete" else "tools" if said["calls"] else "stop"


def fed(source: Dialect, target: Dialect, pieces: list[bytes]) -> tuple[bytes, StreamTranslator]:
    """What comes out for the pieces, and the translator behind it."""
    translator = StreamTranslator(source, target, answering(source))
    written = b"".join([translator.feed(piece) for piece in pieces]) + translator.close()
    return written, translator


def upstream_truncated() -> ChainFailed:
    return ChainFailed("the stream ended early", status=502, code="upstream_truncated", attempts=(), retry_after_s=None)
