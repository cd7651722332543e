"""OpenAI responses (https://platform.openai.com/docs/api-reference/responses-streaming)."""

from __future__ import annotations

from typing import Any

import msgspec

from plano.mock import complaints
from plano.mock.complaints import Complaint
from plano.mock.said import Said
from plano.mock.voices.chat import DONE, error_members
from plano.mock.voices.voice import CREATED, named

_OPENING = 4
"""Events before the first token: sequence numbers go on from there."""


class ResponsesVoice:
    """``Voice`` of responses."""

    named = complaints.OPENAI

    def whole(self, said: Said) -> bytes:
        return msgspec.json.encode(_response(said, "completed", [_item(said, said.text, "completed")]))

    def opening(self, said: Said) -> tuple[bytes, ...]:
        begun = _response(said, "in_progress", [])
        return (
            named("response.created", {"sequence_number": 0, "response": begun}),
            named("response.in_progress", {"sequence_number": 1, "response": begun}),
            named(
                "response.output_item.added",
                {"sequence_number": 2, "output_index": 0, "item": _item(said, None, "in_progress")},
            ),
            named("response.content_part.added", {"sequence_number": 3, **_place(said), "part": _part("")}),
        )

    def token(self, said: Said, place: int) -> bytes:
        members = {"sequence_number": _OPENING + place, **_place(said), "delta": said.tokens[place], "logprobs": []}
        return named("response.output_text.delta", members)

    def ending(self, said: Said) -> tuple[bytes, ...]:
        number = _OPENING + len(said.tokens)
        item = _item(said, said.text, "completed")
        return (
            self._text_done(said),
            named(
                "response.content_part.done", {"sequence_number": number + 1, **_place(said), "part": _part(said.text)}
            ),
            named("response.output_item.done", {"sequence_number": number + 2, "output_index": 0, "item": item}),
            named(
                "response.completed",
                {"sequence_number": number + 3, "response": _response(said, "completed", [item])},
            ),
        )

    def farewell(self, said: Said) -> tuple[bytes, ...]:
        return ()

    def false_ending(self, said: Said) -> tuple[bytes, ...]:
        return self._text_done(said), DONE

    def complaint(self, status: int, message: str) -> Complaint:
        return complaints.openai(status, message)

    def error(self, complaint: Complaint) -> bytes:
        return msgspec.json.encode(error_members(complaint))

    def error_event(self, complaint: Complaint, place: int) -> bytes:
        members = {"code": complaint.code, "message": complaint.message, "param": None}
        return named("error", {"sequence_number": _OPENING + place, **members})

    def _text_done(self, said: Said) -> bytes:
        members = {"sequence_number": _OPENING + len(said.tokens), **_place(said), "text": said.text, "logprobs": []}
        return named("response.output_text.done", members)


def _place(said: Said) -> dict[str, Any]:
    return {"item_id": f"msg_{said.id}", "output_index": 0, "content_index": 0}


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _item(said: Said, text: str | None, status: str) -> dict[str, Any]:
    content = [] if text is None else [_part(text)]
    return {"id": f"msg_{said.id}", "type": "message", "role": "assistant", "status": status, "content": content}


def _response(said: Said, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
    tokens = len(said.tokens)
    usage = {
        "input_tokens": said.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": said.prompt_tokens + tokens,
    }
    return {
        "id": f"resp_{said.id}",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": said.model,
        "output": output,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": usage if status == "completed" else None,
    }
