"""A stream of one dialect into another, whatever the cuts between its bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from plano.domain.issued import NOTHING_ISSUED, Issued
from plano.domain.model import Dialect
from plano.domain.usage import Usage
from plano.errors import PlanoError
from plano.wire import sse
from plano.wire.canonical.events import Begin, Closed, Delta, Event, Finished, Opened
from plano.wire.dialects import custom_tools
from plano.wire.dialects.answer_fates import Lost, lost
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.chat import stream as chat
from plano.wire.dialects.errors import error_object, members
from plano.wire.dialects.messages import stream as messages
from plano.wire.dialects.ordering import Ordering
from plano.wire.dialects.responses import events as responses_events
from plano.wire.dialects.responses import stream as responses
from plano.wire.dialects.stream import Decoder, Encoder, ErrorSeen, Unreadable

MAX_DROPPED_EVENTS = 3

_BEGIN_EMPTY = frozenset({"text", "reasoning", "refusal"})
"""Blocks whose words come in deltas; a call has a name from its beginning on."""

_CODECS: dict[Dialect, tuple[Callable[[Answering], Decoder], Callable[[Answering], Encoder]]] = {
    Dialect.OPENAI_CHAT: (chat.Decoder, chat.Encoder),
    Dialect.ANTHROPIC_MESSAGES: (messages.Decoder, messages.Encoder),
    Dialect.OPENAI_RESPONSES: (responses.Decoder, responses_events.Encoder),
}


class StreamTranslator:
    """Reads the upstream's stream and gives the caller's.

    ``state``: ``open``; ``done`` after the terminal event; ``error`` after an error inside the stream; ``malformed``
    when the first event, more than ``MAX_DROPPED_EVENTS``, one inside a tool call, or one that is too large could not
    be read. After any but ``open`` nothing more comes out, and only what ``is_whole`` is an answer: for every other
    end the caller is owed ``fail``. ``has_content``: has anything come that a caller could show? ``has_data``: anything
    at all? ``error``: the provider's own words.
    """

    def __init__(self, source: Dialect, target: Dialect, answering: Answering) -> None:
        """``source``: the upstream's dialect. ``target``: the caller's."""
        self._source = source
        self._target = target
        self._splitter = sse.Splitter()
        self._decoder = _CODECS[source][0](answering)
        self._encoder = _CODECS[target][1](answering)
        self._ordering = Ordering()
        self._names = answering.echo.names
        self._custom = answering.echo.custom_tools
        self._texts: dict[int, list[str]] = {}
        self.state: Literal["open", "done", "error", "malformed"] = "open"
        self.has_content = False
        self.has_data = False
        self.dropped = 0
        self.error: dict[str, Any] | None = None

    @property
    def is_whole(self) -> bool:
        """Has the caller got the terminal event, or will it with ``close``, as the upstream's own end was seen?"""
        return self.state == "done" or (self.state == "open" and self._decoder.is_finished)

    def counted(self) -> Usage | None:
        """What the upstream reported; None is unknown."""
        return self._decoder.usage

    def issued(self) -> Issued:
        """Nothing: its provider is asked not to keep it, and proofs say who made them."""
        return NOTHING_ISSUED

    @property
    def lost(self) -> Lost:
        """What the caller's dialect had no place for so far."""
        return lost(self._decoder.notes, self._source, self._target)

    def feed(self, data: bytes) -> bytes:
        """What the caller gets for the upstream's next bytes."""
        if not self._splitter.pending:
            sole = sse.sole_data(data)
            if sole is not None:
                return self._read(sole) if sole and self.state == "open" else b""
        try:
            events = self._splitter.feed(data)
        except sse.EventTooLarge:
            self.state = "malformed"
            return b""
        return self._read_each(events)

    def close(self) -> bytes:
        """What the end of the upstream's body adds: a last event whose line is complete, and an end that was only
        waited for. Never an end that the upstream did not give.
        """
        rest = self._splitter.rest
        events = self._splitter.close()
        if not events and rest.endswith((b"\n", b"\r")):
            events = [rest]
        written = self._read_each(events)
        if self.state == "open":
            written += self._write(self._ordering.ordered(self._decoder.end()))
        return written

    def fail(self, error: PlanoError, trace_id: str) -> bytes:
        """The event that ends the stream for the caller when the upstream did not."""
        return self._encoder.fail(members(error, self._target, trace_id))

    def _read_each(self, events: list[bytes]) -> bytes:
        written = []
        for event in events:
            if self.state != "open":
                break
            data = sse.data_of(event)
            if data:
                written.append(self._read(data))
        return b"".join(written)

    def _read(self, data: bytes) -> bytes:
        """What the caller gets for the data of one event."""
        try:
            events = self._decoder.read(data)
        except Unreadable:
            self._drop()
            return b""
        except ErrorSeen as seen:
            self.state = "error"
            self.error = error_object(seen.body)
            return b""
        if len(events) == 1 and not self._custom:
            event = events[0]
            # More of an open block: nearly all there ever is.
            if type(event) is Delta and event.block in self._ordering.open:
                self.has_data = self.has_content = True
                return self._encoder.write(event)
        written = self._write(self._ordering.ordered(events))
        if self._ordering.has_lost:
            self._ordering.has_lost = False
            self._drop()
        return written

    def _drop(self) -> None:
        """One event could not be used: a few may be missing, but never a part of a tool call."""
        self.dropped += 1
        is_hopeless = not self.has_data or self.dropped > MAX_DROPPED_EVENTS or self._decoder.has_open_call
        if self.state == "open" and is_hopeless:
            self.state = "malformed"

    def _write(self, events: list[Event]) -> bytes:
        if self._names:
            events = [self._named(event) for event in events]
        if self._custom:
            events = [each for event in events for each in self._restored(event)]
        written = b""
        for event in events:
            written += self._encoder.write(event)
            self.has_data = True
            self.has_content = self.has_content or _is_content(event)
            if type(event) is Finished:
                self.state = "done"
        return written

    def _named(self, event: Event) -> Event:
        """The event with the caller's name of the tool."""
        if type(event) is Opened and event.name in self._names:
            return msgspec.structs.replace(event, name=self._names[event.name])
        return event

    def _restored(self, event: Event) -> list[Event]:
        """The event as the caller knows the tool: calls of tools that take free text come in one piece."""
        if type(event) is Opened and event.kind == "tool_call" and event.name in self._custom:
            self._texts[event.block] = []
            return [Opened(event.block, "custom_call", event.call_id, event.name)]
        if type(event) is Delta and event.block in self._texts:
            self._texts[event.block].append(event.text)
            return []
        if type(event) is Closed and event.block in self._texts:
            text = custom_tools.as_text("".join(self._texts.pop(event.block)))
            return [Delta(event.block, text), event]
        return [event]


def _is_content(event: Event) -> bool:
    """Is the event something that a caller could show, or the end?"""
    if type(event) is Opened:
        return event.kind not in _BEGIN_EMPTY
    return type(event) is not Begin and type(event) is not Closed
