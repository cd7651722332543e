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


MAX_DROPPED_EVENTS = 3


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
            delta = choice.delta
            if delta and (delta.get("content") or any(value for key, value in delta.items() if key != "role")):
                sight = "content"
        return sight


class ChatStream:
    """Reads a stream and says what of it may be passed on.

    ``state``: ``open``; ``done`` after ``[DONE]``; ``error`` after an error inside the stream; ``malformed`` when more
    than ``MAX_DROPPED_EVENTS`` events, or one that is too large, could not be read. After any but ``open`` nothing more
    is passed on. ``has_content``: has anything been there that a caller could show? ``has_data``: any event with data?
    """

    def __init__(self) -> None:
        self._splitter = sse.Splitter()
        self._watch = ChatStreamWatch()
        self.state: Literal["open", "done", "error", "malformed"] = "open"
        self.has_content = False
        self.has_data = False
        self.dropped = 0

    @property
    def is_whole(self) -> bool:
        """Has the protocol's own terminal event been seen: a ``finish_reason`` for every choice?"""
        return self.state in ("open", "done") and self._watch.is_complete

    @property
    def usage(self) -> dict[str, Any] | None:
        """The provider's own account of tokens, when it has come."""
        return self._watch.usage

    @property
    def error(self) -> Any:
        """The provider's error object, in state ``error``."""
        return self._watch.error

    def feed(self, data: bytes) -> bytes:
        """The whole events in ``data`` that may be passed on, byte for byte."""
        try:
            events = self._splitter.feed(data)
        except sse.EventTooLarge:
            self.state = "malformed"
            return b""
        return self._pass_on(events)

    def close(self) -> bytes:
        """What the end of the body adds: a last event whose line is complete, and ``[DONE]`` where it is missing."""
        events = self._splitter.close()
        rest = self._splitter.rest
        if rest.endswith((b"\n", b"\r")) and ChatStreamWatch().see(rest) != "malformed":
            events.append(rest + b"\n")
        owed = self._pass_on(events)
        return owed + b"data: [DONE]\n\n" if self.state == "open" and self.is_whole else owed

    def _pass_on(self, events: list[bytes]) -> bytes:
        passed = []
        for event in events:
            if self.state != "open":
                break
            sight = self._watch.see(event)
            if sight == "malformed":
                self.dropped += 1
                if self.dropped > MAX_DROPPED_EVENTS:
                    self.state = "malformed"
            elif sight == "error":
                self.state = "error"
            elif sight == "done":
                self.state = "done"
                if self._watch.is_complete:
                    passed.append(event)
            else:
                self.has_content = self.has_content or sight == "content"
                self.has_data = self.has_data or sse.data_of(event) is not None
                passed.append(event)
        return passed[0] if len(passed) == 1 else b"".join(passed)


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
