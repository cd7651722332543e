"""Asking Anthropic's models to think.

Thinking has conditions: room below the limit of the answer, no forced tool, no temperature, and in a tool loop the
model's own thoughts (https://platform.claude.com/docs/en/build-with-claude/extended-thinking).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plano.wire.canonical import request as canonical
from plano.wire.dialects import efforts
from plano.wire.dialects.fates import Ledger
from plano.wire.dialects.messages.written import Message, Result

_FORCED = ("any", "tool")


def write_thinking(body: dict[str, Any], effort: canonical.Effort, ledger: Ledger) -> None:
    """Puts ``thinking`` into a body that is otherwise complete, or says in the ledger why not."""
    if effort.summary is not None:
        ledger.lost("reasoning_summary")
    if effort.mode == "off":
        return
    budget = efforts.budget(effort, body["max_tokens"])
    if budget is None:
        ledger.changed("reasoning", "dropped, the limit of the answer leaves no room to think")
    elif body.get("tool_choice", {}).get("type") in _FORCED:
        ledger.changed("reasoning", "dropped, the target does not think where a tool is forced")
    elif is_in_loop_without_thoughts(body["messages"]):
        ledger.changed("reasoning", "dropped, the target made none of the thoughts of this tool loop")
    else:
        body["thinking"] = {"type": "enabled", "budget_tokens": budget}
        for name in ("temperature", "top_k"):
            if body.pop(name, None) is not None:
                ledger.changed(name, "dropped, the target thinks at its own temperature")


def is_in_loop_without_thoughts(messages: Sequence[Message]) -> bool:
    """Does the conversation end in tool results whose calls began without a thought of the target?"""
    if len(messages) < 2 or _beginning(messages[-1]) != ("user", "tool_result"):
        return False
    return _beginning(messages[-2])[1] not in ("thinking", "redacted_thinking")


def _beginning(message: Message) -> tuple[str, str]:
    """The role of a message, and the type of its first block."""
    if type(message) is canonical.PlainMessage:
        return message.role, "text"
    content = message["content"]
    first = None if isinstance(content, str) else content[0]
    if isinstance(first, dict):
        return message["role"], first["type"]
    return message["role"], "tool_result" if type(first) is Result else "text"
