"""OpenAI responses, watched: whole once ``response.completed`` or ``response.incomplete`` was seen.

The events: https://platform.openai.com/docs/api-reference/responses-streaming.
"""

from __future__ import annotations

from typing import Any

import msgspec

from plano.domain.issued import NOTHING_ISSUED, Issued
from plano.domain.usage import Usage
from plano.wire.dialects import usage
from plano.wire.dialects.sights import Checked, Sight, as_error, readable


class _Item(msgspec.Struct):
    type: str | None = None
    encrypted_content: Any = None


class _Response(msgspec.Struct):
    id: str | None = None
    store: Any = None
    status: str | None = None
    usage: Any = None
    error: Any = None


class _Event(msgspec.Struct):
    type: str
    sequence_number: int = 0
    output_index: int = 0
    item: _Item | None = None
    response: _Response | None = None
    error: Any = None
    code: str | None = None
    message: str | None = None


class _Whole(msgspec.Struct):
    id: str | None = None
    store: Any = None
    status: str | None = None
    background: Any = None
    output: list[msgspec.Raw] | None = None
    usage: Any = None
    error: Any = None


_EVENT = msgspec.json.Decoder(_Event)
_WHOLE = msgspec.json.Decoder(_Whole)

_ENDS = frozenset({"response.completed", "response.incomplete"})
_FAILURES = frozenset({"response.failed", "response.cancelled", "error"})
_ENDED = frozenset({"completed", "incomplete"})
_FAILED = frozenset({"failed", "cancelled"})
_UNDER_WAY = frozenset({"queued", "in_progress"})
"""No ends, but all that a caller is told who asked for the work to be done in the background."""
_TEXTS = frozenset({"message", "reasoning"})
"""Items that begin empty: what they say comes in deltas."""


class ResponsesWatch:
    """Follows one stream, event by event."""

    __slots__ = ("_calling", "_kept", "_proofs", "_sequence", "_usage", "error", "is_complete")

    last = b""

    def __init__(self) -> None:
        self._calling: set[int] = set()
        self._usage: Any = None
        self._sequence = -1
        self.error: dict[str, Any] | None = None
        self.is_complete = False
        self._kept: str | None = None
        self._proofs: list[str] = []

    @property
    def usage(self) -> Usage | None:
        """The provider's own account of tokens, when it has come."""
        return _counted(self._usage)

    @property
    def has_open_call(self) -> bool:
        """Is an item with a tool call not done?"""
        return bool(self._calling)

    @property
    def sequence_number(self) -> int:
        """The number of the next event."""
        return self._sequence + 1

    @property
    def issued(self) -> Issued:
        """What the provider alone can take back, once the answer is complete."""
        return Issued(self._kept, tuple(self._proofs)) if self._kept or self._proofs else NOTHING_ISSUED

    def see(self, data: bytes) -> Sight:
        """What the data of one event means."""
        if data == b"[DONE]":
            # Not a word of this dialect; a client that stops reading at it would never see the error that follows.
            return "done"
        event = readable(_EVENT, data)
        if event is None:
            return "malformed"
        self._sequence = event.sequence_number
        kind = event.type
        if kind.endswith(".delta"):
            return "content"
        if event.response is not None and event.response.usage is not None:
            self._usage = event.response.usage
            self._kept = None if event.response.store is False else event.response.id
        if kind in _ENDS:
            self.is_complete = True
            return "done"
        if kind in _FAILURES:
            self.error = _error_of(event)
            return "error"
        return self._follow(event)

    def _follow(self, event: _Event) -> Sight:
        if event.type == "response.output_item.done":
            self._calling.discard(event.output_index)
            if event.item is not None and isinstance(event.item.encrypted_content, str):
                self._proofs.append(event.item.encrypted_content)
        elif event.type == "response.output_item.added" and event.item is not None and event.item.type not in _TEXTS:
            self._calling.add(event.output_index)
            return "content"
        return "quiet"


def check_answer(body: bytes) -> Checked:
    """``whole``: a response that ended, with output, empty or not. ``error``: one that failed behind a 200."""
    whole = readable(_WHOLE, body)
    if whole is None:
        return "invalid", None
    if whole.error is not None or whole.status in _FAILED:
        return "error", as_error(whole.error if whole.error is not None else "the response failed")
    if whole.output is None or whole.status not in (_ENDED | _UNDER_WAY if whole.background is True else _ENDED):
        return "invalid", None
    return "whole", _counted(whole.usage)


def kept_as(body: bytes) -> str | None:
    """The id under which the provider keeps a whole answer; None where it was asked not to."""
    whole = readable(_WHOLE, body)
    return None if whole is None or whole.store is False else whole.id


def _counted(value: Any) -> Usage | None:
    found = usage.reported(value, usage.ResponsesUsage)
    return None if found is None else usage.from_responses(found)


def _error_of(event: _Event) -> dict[str, Any]:
    given = event.error if event.response is None else event.response.error
    if given is not None:
        return as_error(given)
    return {"message": event.message or "the response failed", "code": event.code}
