"""Anthropic messages, watched: whole once a ``stop_reason`` and ``message_stop`` were seen.

The events: https://platform.claude.com/docs/en/build-with-claude/streaming.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from plano.domain.issued import NOTHING_ISSUED, Issued
from plano.domain.usage import Usage
from plano.wire.dialects import usage
from plano.wire.dialects.sights import Checked, Sight, as_error, readable


class _Message(msgspec.Struct):
    usage: Any = None


class _Block(msgspec.Struct):
    type: str | None = None
    data: Any = None


class _Delta(msgspec.Struct):
    signature: Any = None
    stop_reason: str | None = None


class _Event(msgspec.Struct):
    type: str
    index: int = 0
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    usage: Any = None
    error: Any = None


class _Whole(msgspec.Struct):
    type: str | None = None
    content: list[msgspec.Raw] | None = None
    stop_reason: str | None = None
    usage: Any = None
    error: Any = None


class _Count(msgspec.Struct):
    input_tokens: Annotated[int, msgspec.Meta(ge=0)] | None = None
    error: Any = None


_COUNT = msgspec.json.Decoder(_Count)
_EVENT = msgspec.json.Decoder(_Event)
_WHOLE = msgspec.json.Decoder(_Whole)

_TEXTS = frozenset({"text", "thinking"})
"""Blocks that begin empty: what they say comes in deltas."""


class MessagesWatch:
    """Follows one stream, event by event."""

    __slots__ = ("_calling", "_has_reason", "_proofs", "error", "is_complete", "usage")

    last = b""
    sequence_number = 0

    def __init__(self) -> None:
        self._calling: set[int] = set()
        self._has_reason = False
        self._proofs: list[str] = []
        self.usage: Usage | None = None
        self.error: dict[str, Any] | None = None
        self.is_complete = False

    @property
    def has_open_call(self) -> bool:
        """Is a block with a tool call not closed?"""
        return bool(self._calling)

    @property
    def issued(self) -> Issued:
        """What the provider alone can take back."""
        return Issued(None, tuple(self._proofs)) if self._proofs else NOTHING_ISSUED

    def see(self, data: bytes) -> Sight:
        """What the data of one event means."""
        if data == b"[DONE]":
            # Not a word of this dialect; a client that stops reading at it would never see the error that follows.
            return "done"
        event = readable(_EVENT, data)
        if event is None:
            return "malformed"
        kind = event.type
        if kind == "content_block_delta":
            if event.delta is not None and isinstance(event.delta.signature, str):
                self._proofs.append(event.delta.signature)
            return "content"
        if kind == "message_stop":
            self.is_complete = self._has_reason
            return "done"
        if kind == "error" or event.error is not None:
            self.error = as_error(event.error)
            return "error"
        return self._follow(event)

    def _follow(self, event: _Event) -> Sight:
        found = usage.reported(event.usage if event.message is None else event.message.usage, usage.MessagesUsage)
        if found is not None:
            counts = usage.from_messages(found, earlier=self.usage)
            self.usage = counts if event.message is None else usage.at_begin(counts)
        if event.type == "content_block_stop":
            self._calling.discard(event.index)
        block = event.content_block
        if block is not None and block.type not in _TEXTS:
            self._calling.add(event.index)
            if block.type == "redacted_thinking" and isinstance(block.data, str):
                self._proofs.append(block.data)
            return "content"
        if event.delta is None or event.delta.stop_reason is None:
            return "quiet"
        self._has_reason = True
        return "content"


def check_count(body: bytes) -> Checked:
    """``whole``: a number of tokens. ``error``: a provider's error in spite of the status."""
    count = readable(_COUNT, body)
    if count is None:
        return "invalid", None
    if count.error is not None:
        return "error", as_error(count.error)
    return ("invalid", None) if count.input_tokens is None else ("whole", None)


def check_answer(body: bytes) -> Checked:
    """``whole``: a message with content, empty or not, and why it ended. ``error``: one in spite of the status."""
    whole = readable(_WHOLE, body)
    if whole is None:
        return "invalid", None
    if whole.error is not None:
        return "error", as_error(whole.error)
    if whole.content is None or not whole.stop_reason or whole.type not in ("message", None):
        return "invalid", None
    found = usage.reported(whole.usage, usage.MessagesUsage)
    return "whole", None if found is None else usage.from_messages(found)
