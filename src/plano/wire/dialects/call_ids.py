"""Ids of tool calls as each dialect takes them, each once.

OpenAI limits their length (40 characters in chat, 64 in responses), Anthropic their letters, and it refuses an id that
is used twice; hosts of open models write longer ones, and some begin anew in every turn. Mistral takes nine letters and
digits and nothing else (https://mistralai.github.io/mistral-common/usage/tools/), from callers of its own dialect too,
who come with ids of another provider when a conversation falls back to it. A call and its results keep the same id, and
a request whose ids are fit is left as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

import msgspec

from plano.domain.model import CallIds, Dialect
from plano.wire import json_guard
from plano.wire.canonical.request import AnyMessage, Block, Message, Request, ToolCall, ToolResult
from plano.wire.dialects.messages.ids import safe

_DIGITS = 24
_NINE = re.compile(r"[a-zA-Z0-9]{9}")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def fit(request: Request, calls: Sequence[ToolCall], dialect: Dialect, call_ids: CallIds = "any") -> Request:
    """The request with ids that a provider of ``dialect`` takes; the same object where they are.

    ``calls``: all that stand in its conversation.
    """
    if not calls:
        return request
    form = _FORMS[dialect] if call_ids == "any" else _of_nine
    ids = [call.id for call in calls]
    if len(set(ids)) == len(ids) and [form(each) for each in ids] == ids:
        return request
    return _renamed(request, form)


def fit_native(body: bytes, call_ids: CallIds) -> bytes:
    """The body of a chat that ``check_request`` accepted, with ids that its provider takes; the same object where they
    are. Every member beside the messages keeps its bytes.
    """
    if call_ids == "any" or b'"tool_call' not in body:
        return body
    members = _MEMBERS.decode(body)
    turns = msgspec.json.decode(members["messages"])
    calls = [call for turn in turns for call in turn.get("tool_calls") or ()]
    if all(_of_nine(call["id"]) == call["id"] for call in calls):
        return body
    renaming = _Renaming(_of_nine)
    for turn in turns:
        for call in turn.get("tool_calls") or ():
            call["id"] = renaming.of_call(call["id"])
        if turn.get("tool_call_id") is not None:
            turn["tool_call_id"] = renaming.of_result(turn["tool_call_id"])
    members["messages"] = msgspec.Raw(json_guard.dumps(turns))
    return json_guard.dumps(members)


class _Renaming:
    """Gives each call an id of its own, and each result that of its call."""

    __slots__ = ("_form", "_names", "_used")

    def __init__(self, form: Callable[[str], str]) -> None:
        self._form = form
        self._names: dict[str, str] = {}
        self._used: set[str] = set()

    def of_call(self, call_id: str) -> str:
        """The new id of the next call that had this one."""
        made, count = self._form(call_id), 1
        while made in self._used:
            count += 1
            made = self._form(f"{call_id}_{count}")
        self._used.add(made)
        self._names[call_id] = made
        return made

    def of_result(self, call_id: str) -> str:
        """The new id of the last call that had this one."""
        return self._names.get(call_id) or self._form(call_id)


def _renamed(request: Request, form: Callable[[str], str]) -> Request:
    renaming = _Renaming(form)

    def named(block: Block) -> Block:
        if isinstance(block, ToolCall):
            return msgspec.structs.replace(block, id=renaming.of_call(block.id))
        if isinstance(block, ToolResult):
            return msgspec.structs.replace(block, call_id=renaming.of_result(block.call_id))
        return block

    def renamed(message: AnyMessage) -> AnyMessage:
        if type(message) is not Message:
            return message
        return msgspec.structs.replace(message, content=tuple([named(block) for block in message.content]))

    return msgspec.structs.replace(request, messages=tuple([renamed(message) for message in request.messages]))


def _of_nine(call_id: str) -> str:
    if _NINE.fullmatch(call_id):
        return call_id
    return hashlib.sha256(call_id.encode("utf-8", "replace")).hexdigest()[:9]


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
