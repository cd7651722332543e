"""Anthropic messages (https://platform.claude.com/docs/en/build-with-claude/streaming)."""

from __future__ import annotations

from typing import Any

import msgspec

from plano.mock import complaints
from plano.mock.complaints import Complaint
from plano.mock.said import Said
from plano.mock.voices.voice import named


class MessagesVoice:
    """``Voice`` of messages."""

    named = complaints.ANTHROPIC

    def whole(self, said: Said) -> bytes:
        content = [{"type": "text", "text": said.text}]
        return msgspec.json.encode(_message(said, content, "end_turn", len(said.tokens)))

    def opening(self, said: Said) -> tuple[bytes, ...]:
        block = {"index": 0, "content_block": {"type": "text", "text": ""}}
        return (
            named("message_start", {"message": _message(said, [], None, 1)}),
            named("content_block_start", block),
            named("ping", {}),
        )

    def token(self, said: Said, place: int) -> bytes:
        delta = {"type": "text_delta", "text": said.tokens[place]}
        return named("content_block_delta", {"index": 0, "delta": delta})

    def ending(self, said: Said) -> tuple[bytes, ...]:
        return (*self.false_ending(said), named("message_stop", {}))

    def farewell(self, said: Said) -> tuple[bytes, ...]:
        return ()

    def false_ending(self, said: Said) -> tuple[bytes, ...]:
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        account = {"delta": delta, "usage": {"output_tokens": len(said.tokens)}}
        return named("content_block_stop", {"index": 0}), named("message_delta", account)

    def complaint(self, status: int, message: str) -> Complaint:
        return complaints.anthropic(status, message)

    def error(self, complaint: Complaint) -> bytes:
        return msgspec.json.encode({"type": "error", **_error(complaint)})

    def error_event(self, complaint: Complaint, place: int) -> bytes:
        return named("error", _error(complaint))


def _error(complaint: Complaint) -> dict[str, Any]:
    return {"error": {"type": complaint.type, "message": complaint.message}, "request_id": "req_mock"}


def _message(said: Said, content: list[dict[str, str]], stop_reason: str | None, output_tokens: int) -> dict[str, Any]:
    return {
        "id": f"msg_{said.id}",
        "type": "message",
        "role": "assistant",
        "model": said.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": said.prompt_tokens, "output_tokens": output_tokens},
    }
