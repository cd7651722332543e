"""Why answers end, in the words of each dialect: one total table, both ways.

A word that is in no table is the upstream's own. It is kept beside the answer as ``native_finish_reason``, and the
dialect's own field says what a caller must assume of it: the answer was cut short, never that it is complete.
"""

from __future__ import annotations

from plano.wire.canonical import answer

NATIVE = "native_finish_reason"

BROKEN_OFF = "error"
"""How OpenRouter ends an answer that its provider broke off (https://openrouter.ai/docs/api-reference/errors)."""

WITHOUT_WORDS = "the provider broke its answer off and did not say why"

FROM_CHAT = {
    "stop": answer.STOP,
    "length": answer.LENGTH,
    "tool_calls": answer.TOOL_CALLS,
    "function_call": answer.TOOL_CALLS,
    "content_filter": answer.CONTENT_FILTER,
}
FROM_MESSAGES = {
    "end_turn": answer.STOP,
    "stop_sequence": answer.STOP_SEQUENCE,
    "max_tokens": answer.LENGTH,
    "model_context_window_exceeded": answer.CONTEXT_WINDOW,
    "tool_use": answer.TOOL_CALLS,
    "refusal": answer.CONTENT_FILTER,
    "pause_turn": answer.PAUSE,
}
FROM_RESPONSES = {
    "max_output_tokens": answer.LENGTH,
    "max_tokens": answer.LENGTH,
    "content_filter": answer.CONTENT_FILTER,
}
"""The reasons of an incomplete response."""

_TO_CHAT = {
    answer.STOP: "stop",
    answer.STOP_SEQUENCE: "stop",
    answer.LENGTH: "length",
    answer.TOOL_CALLS: "tool_calls",
    answer.CONTENT_FILTER: "content_filter",
}
_TO_MESSAGES = {
    answer.STOP: "end_turn",
    answer.STOP_SEQUENCE: "stop_sequence",
    answer.LENGTH: "max_tokens",
    answer.CONTEXT_WINDOW: "model_context_window_exceeded",
    answer.TOOL_CALLS: "tool_use",
    answer.CONTENT_FILTER: "refusal",
    answer.PAUSE: "pause_turn",
}
_TO_RESPONSES = {
    answer.STOP: None,
    answer.STOP_SEQUENCE: None,
    answer.TOOL_CALLS: None,
    answer.LENGTH: "max_output_tokens",
    answer.CONTENT_FILTER: "content_filter",
}


def to_chat(reason: str) -> tuple[str, str | None]:
    """``finish_reason``, and the native word where the dialect has none for it."""
    known = _TO_CHAT.get(reason)
    return (known, None) if known is not None else ("length", reason)


def to_messages(reason: str) -> tuple[str, str | None]:
    """``stop_reason``, and the native word where the dialect has none for it."""
    known = _TO_MESSAGES.get(reason)
    return (known, None) if known is not None else ("max_tokens", reason)


def to_responses(reason: str) -> tuple[str | None, str | None]:
    """The reason of ``incomplete_details``, None for a completed response; and the native word where there is none."""
    if reason in _TO_RESPONSES:
        return _TO_RESPONSES[reason], None
    return "max_output_tokens", reason
