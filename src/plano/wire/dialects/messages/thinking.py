"""Asking Anthropic's models to think.

By a budget, thinking has conditions: room below the limit of the answer, no forced tool, no temperature, and in a tool
loop the model's own thoughts (https://platform.claude.com/docs/en/build-with-claude/extended-thinking). By an effort,
only a tool must not be forced (https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plano.wire.canonical import request as canonical
from plano.wire.dialects import efforts
from plano.wire.dialects.fates import Ledger
from plano.wire.dialects.messages.generations import Generation, generation_of
from plano.wire.dialects.messages.written import Message, Result

_FORCED = ("any", "tool")
_LEAST_TOP_P = 0.95
"""Of a model that thinks by a budget."""

_NEAREST = {"minimal": "low", "xhigh": "high"}
"""For words that a generation does not know."""


def write_thinking(body: dict[str, Any], effort: canonical.Effort, ledger: Ledger) -> None:
    """Puts ``thinking`` into a body that is otherwise complete, or says in the ledger why not."""
    if not ledger.can_think(effort):
        return
    if effort.summary is not None:
        ledger.lost("reasoning_summary")
    generation = generation_of(ledger.target.model)
    if effort.mode == "off":
        if generation.thinks_unasked:
            ledger.changed("reasoning", "the target decides by itself whether it thinks")
    elif generation.words:
        _write_adaptive(body, effort, generation, ledger)
    else:
        _write_budget(body, effort, ledger)


def _write_adaptive(body: dict[str, Any], effort: canonical.Effort, generation: Generation, ledger: Ledger) -> None:
    word = efforts.word(effort)
    if word is not None:
        known = word if word in generation.words else _NEAREST.get(word, "high")
        body.setdefault("output_config", {})["effort"] = known
    if body.get("tool_choice", {}).get("type") in _FORCED:
        ledger.changed("reasoning", "dropped, the target does not think where a tool is forced")
        return
    body["thinking"] = (
        {"type": "adaptive"} if generation.shows_thoughts else {"type": "adaptive", "display": "summarized"}
    )
    _drop_sampling(body, ledger)


def _write_budget(body: dict[str, Any], effort: canonical.Effort, ledger: Ledger) -> None:
    budget = efforts.budget(effort, body["max_tokens"])
    if budget is None:
        ledger.changed("reasoning", "dropped, the limit of the answer leaves no room to think")
    elif body.get("tool_choice", {}).get("type") in _FORCED:
        ledger.changed("reasoning", "dropped, the target does not think where a tool is forced")
    elif is_in_loop_without_thoughts(body["messages"]):
        ledger.changed("reasoning", "dropped, the target made none of the thoughts of this tool loop")
    else:
        body["thinking"] = {"type": "enabled", "budget_tokens": budget}
        _drop_sampling(body, ledger)


def _drop_sampling(body: dict[str, Any], ledger: Ledger) -> None:
    names = ("temperature", "top_k", "top_p") if body.get("top_p", 1) < _LEAST_TOP_P else ("temperature", "top_k")
    for name in names:
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
