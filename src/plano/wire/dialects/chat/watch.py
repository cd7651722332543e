"""OpenAI chat completions, watched: whole once every choice that was begun has its ``finish_reason``."""

from __future__ import annotations

from typing import Any

import msgspec

from plano.domain.issued import NOTHING_ISSUED
from plano.domain.usage import Usage
from plano.wire.dialects import usage
from plano.wire.dialects.finishes import BROKEN_OFF, WITHOUT_WORDS
from plano.wire.dialects.sights import UNREADABLE, Checked, Sight, as_error, readable


class _Choice(msgspec.Struct):
    """``finish_reason``: several hosts send an empty one before the end."""

    index: int = 0
    delta: dict[str, Any] | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None


class _WholeChoice(msgspec.Struct):
    message: dict[str, Any]
    finish_reason: str | None = None
    error: Any = None


class _Whole(msgspec.Struct):
    choices: list[_WholeChoice] | None = None
    usage: Any = None
    error: Any = None


class _UsualWhole(_Whole):
    """With an account that can be read, as nearly all are."""

    usage: usage.ChatUsage | None = None


_CHUNK = msgspec.json.Decoder(_Chunk)
_WHOLE = msgspec.json.Decoder(_Whole)
_USUAL_WHOLE = msgspec.json.Decoder(_UsualWhole)


class ChatWatch:
    """Follows one stream, event by event."""

    __slots__ = ("_calling", "_finished", "_open", "_usage", "error")

    last = b"data: [DONE]\n\n"
    sequence_number = 0
    issued = NOTHING_ISSUED

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._finished: set[int] = set()
        self._calling: set[int] = set()
        self._usage: Any = None
        self.error: dict[str, Any] | None = None

    @property
    def usage(self) -> Usage | None:
        """The provider's own account of tokens, when it has come."""
        return _counted(self._usage)

    @property
    def is_complete(self) -> bool:
        """Has every choice that was begun reached its ``finish_reason``?"""
        return bool(self._finished) and not self._open

    @property
    def has_open_call(self) -> bool:
        """Is a choice that has begun a tool call not finished?"""
        return bool(self._calling)

    def see(self, data: bytes) -> Sight:
        """What the data of one event means."""
        if data == b"[DONE]":
            return "done"
        try:
            chunk = _CHUNK.decode(data)
        except UNREADABLE:
            return "malformed"
        if chunk.error is not None:
            self.error = as_error(chunk.error)
            return "error"
        choices = chunk.choices or []
        if chunk.usage is not None:
            self._usage = chunk.usage
        elif self._finished and self._is_repeated(choices):
            return "repeated"
        return self._follow(choices)

    def _is_repeated(self, choices: list[_Choice]) -> bool:
        """Is this the ``finish_reason`` of choices that have finished, once more?"""
        return bool(choices) and all(choice.finish_reason and choice.index in self._finished for choice in choices)

    def _follow(self, choices: list[_Choice]) -> Sight:
        sight: Sight = "quiet"
        for choice in choices:
            delta, index = choice.delta, choice.index
            if delta and (delta.get("content") or any(value for key, value in delta.items() if key != "role")):
                sight = "content"
                if "tool_calls" in delta:
                    self._calling.add(index)
            if choice.finish_reason == BROKEN_OFF:
                self.error = as_error(WITHOUT_WORDS)
                return "error"
            if choice.finish_reason:
                self._finished.add(index)
                self._open.discard(index)
                self._calling.discard(index)
                sight = "content"
            elif index not in self._open and index not in self._finished:
                self._open.add(index)
        return sight


def check_answer(body: bytes) -> Checked:
    """``whole``: choices, each with a message and the reason why it ended. ``error``: one in spite of the status."""
    whole = readable(_USUAL_WHOLE, body) or readable(_WHOLE, body)
    if whole is None:
        return "invalid", None
    if whole.error is not None:
        return "error", as_error(whole.error)
    if not whole.choices:
        return "invalid", None
    is_ended = True
    for choice in whole.choices:
        if choice.finish_reason == BROKEN_OFF:
            return "error", as_error(choice.error if choice.error is not None else WITHOUT_WORDS)
        is_ended = is_ended and bool(choice.finish_reason)
    if not is_ended:
        return "invalid", None
    return "whole", _counted(whole.usage)


def is_bare(body: bytes) -> bool:
    """Has it choices, be they none or without an end, and no error? Less than that answers no question."""
    whole = readable(_WHOLE, body)
    return whole is not None and whole.choices is not None and whole.error is None


def _counted(value: Any) -> Usage | None:
    found = value if type(value) is usage.ChatUsage else usage.reported(value, usage.ChatUsage)
    return None if found is None else usage.from_chat(found)
