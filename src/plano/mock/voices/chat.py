"""OpenAI chat completions (https://platform.openai.com/docs/api-reference/chat)."""

from __future__ import annotations

from typing import Any

import msgspec

from plano.mock import complaints
from plano.mock.complaints import Complaint
from plano.mock.said import Said
from plano.mock.voices.voice import CREATED, unnamed

DONE = b"data: [DONE]\n\n"


class ChatVoice:
    """``Voice`` of chat completions."""

    named = complaints.OPENAI

    def whole(self, said: Said) -> bytes:
        message = {"role": "assistant", "content": said.text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return msgspec.json.encode(_document(said, "chat.completion", [choice]) | {"usage": _usage(said)})

    def opening(self, said: Said) -> tuple[bytes, ...]:
        return (_event(said, {"role": "assistant", "content": ""}),)

    def token(self, said: Said, place: int) -> bytes:
        return _event(said, {"content": said.tokens[place]})

    def ending(self, said: Said) -> tuple[bytes, ...]:
        return (_event(said, {}, finish="stop"),)

    def farewell(self, said: Said) -> tuple[bytes, ...]:
        usage = unnamed(_document(said, "chat.completion.chunk", []) | {"usage": _usage(said)})
        return (usage, DONE) if said.shows_usage else (DONE,)

    def false_ending(self, said: Said) -> tuple[bytes, ...]:
        return (DONE,)

    def complaint(self, status: int, message: str) -> Complaint:
        return complaints.openai(status, message)

    def error(self, complaint: Complaint) -> bytes:
        return msgspec.json.encode(error_members(complaint))

    def error_event(self, complaint: Complaint, place: int) -> bytes:
        return unnamed(error_members(complaint))


def error_members(complaint: Complaint) -> dict[str, Any]:
    """OpenAI's error object."""
    detail = {"message": complaint.message, "type": complaint.type, "param": None, "code": complaint.code}
    return {"error": detail}


def _event(said: Said, delta: dict[str, str], *, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return unnamed(_document(said, "chat.completion.chunk", [choice]))


def _document(said: Said, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{said.id}",
        "object": kind,
        "created": CREATED,
        "model": said.model,
        "choices": choices,
    }


def _usage(said: Said) -> dict[str, int]:
    completion = len(said.tokens)
    return {
        "prompt_tokens": said.prompt_tokens,
        "completion_tokens": completion,
        "total_tokens": said.prompt_tokens + completion,
    }
