"""What the router is shown of a conversation: the same words in whatever dialect they were said.

Only what people and models said to each other counts: system prompts, tool calls, results, images, thoughts and what a
harness writes into a user's turn are left out. Several texts of one turn are joined by line feeds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plano.domain.conversation import Conversation, Role, Turn
from plano.domain.model import Dialect
from plano.errors import InvalidRequest

_ROLES: Mapping[str, Role] = {"user": "user", "assistant": "assistant"}
_TEXT_TYPES = ("text", "input_text", "output_text")

_INSTEAD_OF_INPUT = ("previous_response_id", "conversation", "prompt")
"""What a provider keeps: a response may be asked for with one of these alone."""

ENVELOPES = (
    "system-reminder",  # Claude Code
    "user-prompt-submit-hook",
    "local-command-caveat",
    "local-command-stdout",
    "command-message",
    "environment_context",  # Codex
    "user_instructions",
    "INSTRUCTIONS",
    "permissions instructions",
    "environment_details",  # Cline, Roo Code
)
"""Tags in which coding agents put their own words into a user's turn."""

_OPENING = re.compile("<(" + "|".join(map(re.escape, ENVELOPES)) + ")>")


def text_turns(document: Any, dialect: Dialect) -> Conversation:
    """The user and assistant turns that have text.

    ``document``: a body as ``json_guard.loads`` gave it. Raises InvalidRequest with the first wrong place.
    """
    if dialect is Dialect.OPENAI_RESPONSES:
        items = document.get("input")
        if items is None and any(document.get(name) is not None for name in _INSTEAD_OF_INPUT):
            return Conversation(())
        return Conversation(tuple(_input_turns(items)))
    return Conversation(tuple(_message_turns(document.get("messages"))))


def without_envelopes(text: str) -> str:
    """What a person wrote. An envelope that is not closed reaches to the end of the text."""
    match = _OPENING.search(text) if "<" in text else None
    if match is None:
        return text
    kept, begin = [], 0
    while match is not None:
        kept.append(text[begin : match.start()])
        closing = f"</{match.group(1)}>"
        end = text.find(closing, match.end())
        if end < 0:
            return "".join(kept)
        begin = end + len(closing)
        match = _OPENING.search(text, begin)
    return "".join((*kept, text[begin:]))


def _message_turns(messages: Any) -> Iterator[Turn]:
    if not isinstance(messages, list):
        raise _wrong("messages", "is required" if messages is None else "must be a list")
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            raise _wrong(f"messages[{index}]", "must be an object")
        turn = _turn(message, "messages", index)
        if turn is not None:
            yield turn


def _input_turns(items: Any) -> Iterator[Turn]:
    if isinstance(items, str):
        text = without_envelopes(items)
        if text.strip():
            yield Turn("user", text)
        return
    if not isinstance(items, list):
        raise _wrong("input", "is required" if items is None else "must be a string or a list")
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise _wrong(f"input[{index}]", "must be an object")
        if item.get("type", "message") == "message":
            turn = _turn(item, "input", index)
            if turn is not None:
                yield turn


def _turn(message: dict[str, Any], field: str, index: int) -> Turn | None:
    role, content = message.get("role"), message.get("content")
    if not isinstance(role, str):
        raise _wrong(f"{field}[{index}].role", "is required" if role is None else "must be a string")
    is_user = role == "user"
    if isinstance(content, str):
        text = without_envelopes(content) if is_user else content
    elif isinstance(content, list):
        text = _joined(content, f"{field}[{index}].content", is_user=is_user)
    elif content is None:
        return None
    else:
        raise _wrong(f"{field}[{index}].content", "must be a string, a list or null")
    routed = _ROLES.get(role)
    return None if routed is None or not text.strip() else Turn(routed, text)


def _joined(parts: list[Any], path: str, *, is_user: bool) -> str:
    texts = []
    for index, part in enumerate(parts):
        place = f"{path}[{index}]"
        if not isinstance(part, dict):
            raise _wrong(place, "must be an object")
        if part.get("type") in _TEXT_TYPES:
            text = part.get("text")
            if not isinstance(text, str):
                raise _wrong(f"{place}.text", "must be a string")
            text = without_envelopes(text) if is_user else text
            if text.strip():
                texts.append(text)
    return "\n".join(texts)


def _wrong(path: str, said: str) -> InvalidRequest:
    return InvalidRequest(f"{path}: {said}", param=path)
