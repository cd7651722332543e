"""The call of a router model as a chat request, and the text of its answer."""

from __future__ import annotations

from typing import Any

import msgspec

from plano.domain.conversation import Conversation, Turn
from plano.domain.request import ChatRequest, Edits, Needs
from plano.wire import json_guard

TEMPERATURE = 0.01


class _Message(msgspec.Struct):
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[Any] | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Answer(msgspec.Struct):
    choices: list[_Choice]


_ANSWER = msgspec.json.Decoder(_Answer)


def call_of(model: str, prompt: str) -> ChatRequest:
    """The request: the model, one user message, a temperature near 0, and nothing else."""
    name = json_guard.dumps(model)
    # Half a surrogate pair is no text: it is shown as a question mark, and ends no decision.
    message = {"role": "user", "content": prompt.encode(errors="replace").decode()}
    rest = json_guard.dumps({"messages": [message], "temperature": TEMPERATURE})
    opening = b'{"model":'
    body = b"".join((opening, name, b",", rest[1:]))
    return ChatRequest(
        model=model,
        conversation=Conversation((Turn("user", prompt),)),
        preferences=None,
        is_stream=False,
        body=body,
        edits=Edits((len(opening), len(opening) + len(name)), None),
        needs=Needs(prompt_bytes=len(body)),
        may_be_bare=True,
    )


def text_of(answer: bytes) -> str | None:
    """What the first choice says, empty where there is none; None where it is no text, such as a call of a tool."""
    try:
        choices = _ANSWER.decode(answer).choices
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not choices:
        return ""
    message = choices[0].message
    if isinstance(message.content, list):
        parts = [part.get("text") for part in message.content]
        return "".join([part for part in parts if isinstance(part, str)])
    if message.content is None and message.tool_calls:
        return None
    return message.content or ""
