"""Answers that are passed on as they are: is this one whole, and what does this event of a stream mean?

They reach the caller byte for byte; a watch of their dialect only looks at them. Success is the protocol's own terminal
event, never a clean end of the connection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

from plano.domain.issued import NOTHING_ISSUED, Issued
from plano.domain.model import Dialect
from plano.domain.usage import Usage
from plano.errors import PlanoError
from plano.wire import sse
from plano.wire.dialects.answer_fates import NOTHING_LOST, Lost
from plano.wire.dialects.chat import watch as chat
from plano.wire.dialects.errors import render_stream_error
from plano.wire.dialects.messages import watch as messages
from plano.wire.dialects.responses import watch as responses
from plano.wire.dialects.seals import proofs_in
from plano.wire.dialects.sights import Checked, Sight

MAX_DROPPED_EVENTS = 3


class Watch(Protocol):
    """Follows one stream, event by event. ``error``: the provider's error object, once it was seen."""

    error: dict[str, Any] | None
    last: bytes
    """What a body that ends without it still owes the caller after its terminal event."""

    @property
    def usage(self) -> Usage | None:
        """The provider's own account of tokens, when it has come."""
        ...

    @property
    def is_complete(self) -> bool:
        """Has the protocol's terminal event been seen?"""
        ...

    @property
    def has_open_call(self) -> bool:
        """Would half of a tool call be lost now?"""
        ...

    @property
    def sequence_number(self) -> int:
        """The number of the next event, in dialects that count them; else 0."""
        ...

    @property
    def issued(self) -> Issued:
        """What of the answer its provider alone can take back; known once it is complete."""
        ...

    def see(self, data: bytes) -> Sight:
        """What the data of one event means."""
        ...


_WATCHES: dict[Dialect, tuple[Callable[[], Watch], Callable[[bytes], Checked]]] = {
    Dialect.OPENAI_CHAT: (chat.ChatWatch, chat.check_answer),
    Dialect.ANTHROPIC_MESSAGES: (messages.MessagesWatch, messages.check_answer),
    Dialect.OPENAI_RESPONSES: (responses.ResponsesWatch, responses.check_answer),
}


def check_answer(body: bytes, dialect: Dialect) -> Checked:
    """What a body that came with status 200 is, and its usage or error object."""
    return _WATCHES[dialect][1](body)


def issued_in(body: bytes, dialect: Dialect) -> Issued:
    """What of a whole answer its provider alone can take back."""
    if dialect is Dialect.OPENAI_CHAT:
        return NOTHING_ISSUED
    proofs = proofs_in(body, dialect)
    kept = responses.kept_as(body) if dialect is Dialect.OPENAI_RESPONSES else None
    return Issued(kept, proofs) if kept or proofs else NOTHING_ISSUED


class RelayedStream:
    """Reads a stream and says what of it may be passed on.

    ``state``: ``open``; ``done`` after the end of the protocol; ``error`` after an error inside the stream;
    ``malformed`` when the first event, more than ``MAX_DROPPED_EVENTS``, one inside a tool call, or one that is too
    large could not be read. After any but ``open`` nothing more is passed on. ``has_content``: has anything been there
    that a caller could show? ``has_data``: any event with data? ``contents``: how many events had content.
    """

    lost: Lost = NOTHING_LOST

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._splitter = sse.Splitter()
        self._watch = _WATCHES[dialect][0]()
        self.state: Literal["open", "done", "error", "malformed"] = "open"
        self.has_content = False
        self.has_data = False
        self.dropped = 0
        self.contents = 0

    @property
    def is_whole(self) -> bool:
        """Has the protocol's own terminal event been seen?"""
        return self.state in ("open", "done") and self._watch.is_complete

    def counted(self) -> Usage | None:
        """The provider's own account of tokens, when it has come; else an event with content stands for a token."""
        usage = self._watch.usage
        return Usage(output_tokens=self.contents, is_estimated=True) if usage is None and self.contents else usage

    def issued(self) -> Issued:
        """What of the answer its provider alone can take back."""
        return self._watch.issued

    @property
    def error(self) -> dict[str, Any] | None:
        """The provider's error object, in state ``error``."""
        return self._watch.error

    def feed(self, data: bytes) -> bytes:
        """The whole events in ``data`` that may be passed on, byte for byte."""
        if not self._splitter.pending and self.state == "open":
            sole = sse.sole_data(data)
            if sole is not None:
                return data if self._passes(sole) else b""
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
        if rest.endswith((b"\n", b"\r")) and self._is_readable(rest):
            events.append(rest + b"\n")
        owed = self._pass_on(events)
        return owed + self._watch.last if self.state == "open" and self.is_whole else owed

    def fail(self, error: PlanoError, trace_id: str) -> bytes:
        """The event that ends the stream for the caller when the upstream did not."""
        return render_stream_error(error, self._dialect, trace_id, sequence_number=self._watch.sequence_number)

    def _is_readable(self, event: bytes) -> bool:
        data = sse.data_of(event)
        return data is None or _WATCHES[self._dialect][0]().see(data) != "malformed"

    def _pass_on(self, events: list[bytes]) -> bytes:
        passed = []
        for event in events:
            if self.state != "open":
                break
            data = sse.data_of(event)
            if data is None or self._passes(data):
                passed.append(event)
        return passed[0] if len(passed) == 1 else b"".join(passed)

    def _passes(self, data: bytes) -> bool:
        """May the event with this data be passed on?"""
        sight = self._watch.see(data)
        if sight == "content":
            self.has_data = self.has_content = True
            self.contents += 1
            return True
        if sight == "quiet":
            self.has_data = True
            return True
        return self._ends(sight)

    def _ends(self, sight: Literal["error", "done", "malformed", "repeated"]) -> bool:
        """Notes an event that ends the stream or does not count; may it be passed on?"""
        if sight == "done":
            self.state = "done"
            self.has_data = True
            return self._watch.is_complete
        if sight == "error":
            self.state = "error"
        elif sight == "malformed":
            self.dropped += 1
            if not self.has_data or self.dropped > MAX_DROPPED_EVENTS or self._watch.has_open_call:
                self.state = "malformed"
        return False
