"""OpenAI chat completions: is this answer whole, and what does this stream event mean?

Answers are relayed as bytes; this only looks at them. Success is the protocol's own terminal event, never a clean end
of the connection: a ``finish_reason`` for every choice index seen.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from plano.wire import sse

Sight = Literal["content", "quiet", "error", "done", "malformed"]
"""``quiet``: nothing a caller could show yet (role, usage, keep-alive). ``done``: ``[DONE]``."""


class _Choice(msgspec.Struct):
    index: int = 0
    delta: dict[str, Any] | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: dict[str, Any] | None = None
    error: Any = None


class _WholeChoice(msgspec.Struct):
    message: dict[str, Any]
    finish_reason: str | None = None


class _Whole(msgspec.Struct):
    choices: list[_WholeChoice] | None = None
    usage: dict[str, Any] | None = None
    error: Any = None


_CHUNK = msgspec.json.Decoder(_Chunk)
_WHOLE = msgspec.json.Decoder(_Whole)


class ChatStreamWatch:
    """Follows one stream, event by event."""

    __slots__ = ("_finished", "_open", "error", "is_done", "usage")

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._finished: set[int] = set()
        self.usage: dict[str, Any] | None = None
        self.error: Any = None
        self.is_done = False

    def see(self, event: bytes) -> Sight:
        """What one whole event means."""
        data = sse.data_of(event)
        if data is None:
            return "quiet"
        if data == b"[DONE]":
            self.is_done = True
            return "done"
        try:
            chunk = _CHUNK.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return "malformed"
        if chunk.error is not None:
            self.error = chunk.error
            return "error"
        if chunk.usage is not None:
            self.usage = chunk.usage
        return self._follow(chunk.choices or [])

    @property
    def is_complete(self) -> bool:
        """Has every choice that was begun reached its ``finish_reason``?"""
        return bool(self._finished) and not self._open

    def _follow(self, choices: list[_Choice]) -> Sight:
        sight: Sight = "quiet"
        for choice in choices:
            if choice.finish_reason is not None:
                self._finished.add(choice.index)
                self._open.discard(choice.index)
                sight = "content"
            elif choice.index not in self._finished:
                self._open.add(choice.index)
            if choice.delta and any(value for key, value in choice.delta.items() if key != "role"):
                sight = "content"
        return sight


def check_answer(body: bytes) -> tuple[Literal["whole", "error", "invalid"], Any]:
    """What a body that came with status 200 is, and its usage or error object.

    ``whole``: at least one choice with a message. ``error``: a provider's error in spite of the status.
    """
    try:
        whole = _WHOLE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "invalid", None
    if whole.error is not None:
        return "error", whole.error
    if not whole.choices:
        return "invalid", None
    return "whole", whole.usage
