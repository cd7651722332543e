"""What the upstreams of the acceptance cases answer: the text ``ok`` in the dialect of the path, plain or streamed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.acceptance.hosts import Answer, Seen, said, streamed


def data(*events: Any) -> list[bytes]:
    """Events of chat completions; a string is sent as it is."""
    return [b"data: %b\n\n" % (event if isinstance(event, str) else json.dumps(event)).encode() for event in events]


def named(*events: dict[str, Any]) -> list[bytes]:
    """Events with the name that is their type."""
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]


def chat(
    text: str = "ok", *, finish: str = "stop", usage: dict[str, Any] | None = None, **message: Any
) -> dict[str, Any]:
    """A chat completion."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_755_600_000,
        "model": "gpt-4o-mini",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None, **message},
                "finish_reason": finish,
                "logprobs": None,
            }
        ],
        "usage": usage or {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    """A chunk of a chat stream."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_755_600_000,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }


USAGE_CHUNK = {**chunk({}), "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}
CHAT_EVENTS = data(
    chunk({"role": "assistant", "content": ""}),
    chunk({"content": "o"}),
    chunk({"content": "k"}),
    chunk({}, "stop"),
    USAGE_CHUNK,
    "[DONE]",
)


def message(*content: dict[str, Any], stop: str = "end_turn", usage: dict[str, int] | None = None) -> dict[str, Any]:
    """An answer of the Messages interface; without content the text ``ok``."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-20250514",
        "content": list(content) or [{"type": "text", "text": "ok"}],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage or {"input_tokens": 3, "output_tokens": 2},
    }


def message_events(
    *blocks: tuple[dict[str, Any], Sequence[dict[str, Any]]], stop: str | None = "end_turn", ends: bool = True
) -> list[bytes]:
    """A stream of the Messages interface: each block with its deltas; without blocks ``o`` and ``k``."""
    spoken = blocks or (
        ({"type": "text", "text": ""}, [{"type": "text_delta", "text": "o"}, {"type": "text_delta", "text": "k"}]),
    )
    start = {**message(), "content": [], "stop_reason": None, "usage": {"input_tokens": 3, "output_tokens": 1}}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
    for index, (block, deltas) in enumerate(spoken):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    if stop is not None:
        delta = {"stop_reason": stop, "stop_sequence": None}
        events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 2}})
    if ends:
        events.append({"type": "message_stop"})
    return named(*events)


def response(text: str = "ok", **more: Any) -> dict[str, Any]:
    """An answer of the Responses interface."""
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    item = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part]}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_755_600_000,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": "gpt-4o-mini",
        "output": [item],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "metadata": {},
        "usage": {
            "input_tokens": 3,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 2,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 5,
        },
        **more,
    }


def response_events() -> list[bytes]:
    """A stream of the Responses interface that says ``o`` and ``k``."""
    whole = response()
    empty = {**whole, "status": "in_progress", "output": [], "usage": None}
    item = whole["output"][0]
    part = item["content"][0]
    place = {"item_id": "msg_1", "output_index": 0}
    inside = {**place, "content_index": 0}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": empty},
        {"type": "response.in_progress", "response": empty},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**item, "status": "in_progress", "content": []},
        },
        {"type": "response.content_part.added", **inside, "part": {**part, "text": ""}},
        {"type": "response.output_text.delta", **inside, "delta": "o", "logprobs": []},
        {"type": "response.output_text.delta", **inside, "delta": "k", "logprobs": []},
        {"type": "response.output_text.done", **inside, "text": "ok", "logprobs": []},
        {"type": "response.content_part.done", **inside, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]
    return named(*({**event, "sequence_number": number} for number, event in enumerate(events)))


def ok(seen: Seen) -> Answer:
    """The text ``ok``, in the dialect of the path, streamed when asked for."""
    if seen.path.endswith("/count_tokens"):
        return said({"input_tokens": 17})
    wants_stream = seen.json.get("stream") is True
    if seen.path.endswith("/messages"):
        return streamed(message_events()) if wants_stream else said(message())
    if seen.path.endswith("/responses"):
        return streamed(response_events()) if wants_stream else said(response())
    if not wants_stream:
        return said(chat())
    asked = (seen.json.get("stream_options") or {}).get("include_usage")
    return streamed(CHAT_EVENTS if asked else [*CHAT_EVENTS[:-2], CHAT_EVENTS[-1]])


def route(*names: str) -> Answer:
    """What a router model answers."""
    return router(json.dumps({"route": list(names)}))


def router(text: str) -> Answer:
    """A router model's answer of this text."""
    return said(chat(text))
