"""Ids of tool calls as each dialect takes them, each once.

OpenAI limits their length (40 characters in chat, 64 in responses), Anthropic their letters, and it refuses an id that
is used twice; hosts of open models write longer ones, and some begin anew in every turn. A call and its results keep
the same id, and a request whose ids are fit is left as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec

from plano.domain.model import Dialect
from plano.wire.canonical.request import AnyMessage, Block, Message, Request, ToolCall, ToolResult
from plano.wire.dialects.messages.ids import safe

_DIGITS = 24


def fit(request: Request, dialect: Dialect) -> Request:
    """The request with ids that ``dialect`` takes; the same object where they are."""
    form = _FORMS[dialect]
    seen: set[str] = set()
    for message in request.messages:
        if type(message) is Message:
            for block in message.content:
                if type(block) is ToolCall:
                    if block.id in seen or form(block.id) != block.id:
                        return _renamed(request, form)
                    seen.add(block.id)
    return request


def _renamed(request: Request, form: Callable[[str], str]) -> Request:
    names: dict[str, str] = {}
    used: set[str] = set()

    def named(block: Block) -> Block:
        if isinstance(block, ToolCall):
            made, count = form(block.id), 1
            while made in used:
                count += 1
                made = form(f"{block.id}_{count}")
            used.add(made)
            names[block.id] = made
            return msgspec.structs.replace(block, id=made)
        if isinstance(block, ToolResult):
            return msgspec.structs.replace(block, call_id=names.get(block.call_id) or form(block.call_id))
        return block

    def renamed(message: AnyMessage) -> AnyMessage:
        if type(message) is not Message:
            return message
        return msgspec.structs.replace(message, content=tuple([named(block) for block in message.content]))

    return msgspec.structs.replace(request, messages=tuple([renamed(message) for message in request.messages]))


def _within(longest: int) -> Callable[[str], str]:
    def shortened(call_id: str) -> str:
        if len(call_id) <= longest:
            return call_id
        return f"call_{hashlib.sha256(call_id.encode('utf-8', 'replace')).hexdigest()[:_DIGITS]}"

    return shortened


_FORMS: dict[Dialect, Callable[[str], str]] = {
    Dialect.OPENAI_CHAT: _within(40),
    Dialect.OPENAI_RESPONSES: _within(64),
    Dialect.ANTHROPIC_MESSAGES: safe,
}
