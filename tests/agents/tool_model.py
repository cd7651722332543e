"""A model in three dialects that calls the shell tool once, and then says what came of it."""

from __future__ import annotations

import json
from typing import Any

from plano.domain.model import Dialect
from tests.wire.dialects.samples import CHAT, MESSAGES
from tests.wire.dialects.streams import chunk, event

COMMAND = "echo tool-ran-$((40+2))"
RAN = "tool-ran-42"
FINAL = f"The tool said {RAN}: all done."

SHELLS: dict[str, dict[str, str]] = {
    "Bash": {"command": COMMAND, "description": "Says that it ran"},  # Claude Code
    "exec_command": {"cmd": COMMAND},  # Codex
}


def stream(asked: Any, dialect: Dialect) -> bytes:
    """The streamed answer to a request of an agent."""
    names = {tool.get("name") or tool.get("function", {}).get("name") for tool in asked.get("tools") or []}
    shell = next((name for name in SHELLS if name in names), None)
    if shell is None or RAN in json.dumps(asked.get("messages", asked.get("input"))):
        return _text(dialect)
    return _call(shell, json.dumps(SHELLS[shell]), dialect)


def _text(dialect: Dialect) -> bytes:
    if dialect is CHAT:
        return chunk({"role": "assistant", "content": FINAL}) + _chat_end("stop")
    if dialect is MESSAGES:
        block = {"type": "text", "text": ""}
        return _message(block, {"type": "text_delta", "text": FINAL}, "end_turn")
    part = {"type": "output_text", "text": FINAL, "annotations": []}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
    deltas = [
        {"type": "response.content_part.added", "content_index": 0, "part": part | {"text": ""}},
        {"type": "response.output_text.delta", "content_index": 0, "delta": FINAL},
    ]
    return _response(item, item | {"content": []}, deltas)


def _call(name: str, arguments: str, dialect: Dialect) -> bytes:
    function = {"name": name, "arguments": arguments}
    if dialect is CHAT:
        call = {"index": 0, "id": "call_1", "type": "function", "function": function}
        return chunk({"role": "assistant", "content": None, "tool_calls": [call]}) + _chat_end("tool_calls")
    if dialect is MESSAGES:
        block = {"type": "tool_use", "id": "toolu_1", "name": name, "input": {}}
        return _message(block, {"type": "input_json_delta", "partial_json": arguments}, "tool_use")
    item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "status": "completed", **function}
    deltas = [{"type": "response.function_call_arguments.delta", "item_id": "fc_1", "delta": arguments}]
    return _response(item, item | {"arguments": ""}, deltas)


def _chat_end(reason: str) -> bytes:
    usage = {"prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109}
    return chunk({}, reason) + chunk({}, usage=usage, choices=[]) + b"data: [DONE]\n\n"


def _message(block: dict[str, Any], delta: dict[str, Any], reason: str) -> bytes:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}
    stopped = {"stop_reason": None, "stop_sequence": None}
    return b"".join(
        (
            event("message_start", message=message | stopped | {"usage": {"input_tokens": 100, "output_tokens": 1}}),
            event("content_block_start", index=0, content_block=block),
            event("content_block_delta", index=0, delta=delta),
            event("content_block_stop", index=0),
            event("message_delta", delta=stopped | {"stop_reason": reason}, usage={"output_tokens": 9}),
            event("message_stop"),
        )
    )


def _response(item: dict[str, Any], begun: dict[str, Any], deltas: list[dict[str, Any]]) -> bytes:
    usage = {"input_tokens": 100, "output_tokens": 9, "total_tokens": 109}
    response = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "usage": usage}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": response | {"status": "in_progress", "output": []}},
        {"type": "response.output_item.added", "output_index": 0, "item": begun | {"status": "in_progress"}},
        *[{"output_index": 0, "item_id": item["id"], **delta} for delta in deltas],
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": response | {"status": "completed", "output": [item]}},
    ]
    kinds = [one.pop("type") for one in events]
    pairs = enumerate(zip(kinds, events, strict=True))
    return b"".join([event(kind, sequence_number=number, **one) for number, (kind, one) in pairs])
