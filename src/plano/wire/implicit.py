"""Sessions that nobody named: conversations with the same beginning are one session.

The id is that of the gateway whose files Plano reads, so that both tell the same conversations apart: FNV-1a with 64
bits (http://www.isthe.com/chongo/tech/comp/fnv) over tenant label, system texts, names of tools and first user message.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from plano.domain.conversation import Conversation
from plano.wire.dialects.turns import without_envelopes

_OFFSET = 0xCBF29CE484222325
_PRIME = 0x100000001B3
_MASK = 0xFFFFFFFFFFFFFFFF
_SEPARATOR = 0x1F
_VERSION = "plano-affinity-v1"
_INSTRUCTING = ("system", "developer")
_TEXT_TYPES = ("text", "input_text")
_DECODE = msgspec.json.Decoder().decode


class Opening(msgspec.Struct, frozen=True):
    """How a conversation begins. ``system``: its texts joined by line feeds. ``first``: what its user says first.

    ``is_user_turn``: does it end, for now, with something new of its user, and not with what a tool said?
    """

    system: str
    tools: tuple[str, ...]
    first: str
    is_user_turn: bool = True


def opening(body: bytes, conversation: Conversation) -> Opening | None:
    """The beginning of a request that ``conversation`` was read from; None where no user says anything."""
    first = next((turn.text for turn in conversation.turns if turn.role == "user"), None)
    if first is None:
        return None
    document: dict[str, Any] = _DECODE(body)
    system, tools = "\n".join(_system(document)), tuple(_tools(document.get("tools")))
    return Opening(system, tools, first, _is_user_turn(document))


def session_id(label: str, begun: Opening) -> str:
    """The id of the session. ``label``: of its tenant, empty where there is none."""
    state = _OFFSET
    for field in (_VERSION, label, begun.system, ",".join(begun.tools), begun.first):
        for byte in (*field.encode("utf-8", "surrogatepass"), _SEPARATOR):
            state = ((state ^ byte) * _PRIME) & _MASK
    return f"implicit:{state:016x}"


def _is_user_turn(document: dict[str, Any]) -> bool:
    """Is the last message the user's own: with text beside what a harness wrote, or with a picture or the like?"""
    messages = document.get("messages", document.get("input"))
    if isinstance(messages, str):
        return bool(without_envelopes(messages).strip())
    last = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, dict) or last.get("role") != "user":
        return False
    content = last.get("content")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return any(isinstance(part, dict) and _is_new(part) for part in parts or ())


def _is_new(part: dict[str, Any]) -> bool:
    text = part.get("text")
    if isinstance(text, str):
        return bool(without_envelopes(text).strip())
    return part.get("type") not in ("tool_result", *_TEXT_TYPES)


def _system(document: dict[str, Any]) -> Iterator[str]:
    for name in ("system", "instructions"):
        yield from _texts(document.get(name))
    messages = document.get("messages", document.get("input"))
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and message.get("role") in _INSTRUCTING:
            yield from _texts(message.get("content"))


def _texts(content: Any) -> Iterator[str]:
    """A text, or the texts of parts as one; none where there is nothing."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "\n".join([text for text in parts if isinstance(text, str)])
    if isinstance(content, str) and content:
        yield content


def _tools(tools: Any) -> Iterator[str]:
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, dict):
            inner = tool.get("function")
            name = inner.get("name") if isinstance(inner, dict) else tool.get("name")
            if isinstance(name, str):
                yield name
