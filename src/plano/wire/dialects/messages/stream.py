"""The events of a message: into the canonical ones, and out of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from plano.domain.usage import Usage
from plano.wire.canonical.answer import Finish
from plano.wire.canonical.events import Begin, BlockKind, Closed, Delta, Event, Finished, Opened, Sealed
from plano.wire.canonical.notes import Notes
from plano.wire.canonical.request import Reasoning
from plano.wire.dialects import finishes, seals, usage
from plano.wire.dialects.answering import Answering, AnswerReader
from plano.wire.dialects.messages import ids
from plano.wire.dialects.messages.answer import (
    BLOCK_TYPES,
    TIERS,
    StopDetails,
    finish,
    note_caller,
    note_tier,
    refused,
    service_tier,
    stop_details,
    why_refused,
)
from plano.wire.dialects.reading import NULL, given
from plano.wire.dialects.stream import ErrorSeen, Unreadable


class _Message(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    id: str | None = None
    model: str | None = None
    usage: usage.StrictMessagesUsage | None = None
    type: Any = None
    role: Any = None
    content: Any = None
    stop_reason: Any = None
    stop_sequence: Any = None


class _Block(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = NULL
    citations: tuple[msgspec.Raw, ...] | None = None
    caller: Any = None


class _Delta(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str | None = None
    text: str | None = None
    partial_json: str | None = None
    thinking: str | None = None
    signature: str | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: StopDetails | None = None
    citation: msgspec.Raw = NULL


class _Event(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    type: str
    index: int = 0
    delta: _Delta | None = None
    message: _Message | None = None
    content_block: _Block | None = None
    usage: usage.StrictMessagesUsage | None = None
    error: msgspec.Raw = NULL


_READER = AnswerReader(_Event, {"content_block": BLOCK_TYPES})
_decode = _READER.decode
_NO_ARGUMENTS = msgspec.Raw(b"{}")
_encode = msgspec.json.Encoder().encode


class Decoder:
    """Reads the data of one event at a time. ``is_finished``: ``message_stop`` was seen."""

    __slots__ = ("_calls", "_count", "_finish", "_numbers", "_provider", "is_finished", "notes", "usage")

    def __init__(self, answering: Answering) -> None:
        self._provider = answering.provider
        self._numbers: dict[int, int] = {}
        self._calls: dict[int, str] = {}
        self._count = 0
        self._finish: Finish | None = None
        self.is_finished = False
        self.notes = Notes()
        self.usage: Usage | None = None

    @property
    def has_open_call(self) -> bool:
        """Would half of a tool call be lost now?"""
        return bool(self._calls)

    def read(self, data: bytes) -> list[Event]:
        """What one event says. Raises Unreadable or ErrorSeen."""
        if data == b"[DONE]":
            # Not a word of this dialect; some hosts say it, and it ends nothing.
            return []
        try:
            event = _decode(data)
        except msgspec.ValidationError:
            event = self._odd(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unreadable from None
        if self.is_finished:
            return []
        read = _READERS.get(event.type)
        if read is not None:
            return read(self, event)
        if event.type not in _QUIET:
            self.notes.kind(event.type)
        return []

    def _odd(self, data: bytes) -> _Event:
        """An event with members beyond its shape, which are noted. Raises Unreadable."""
        try:
            event, strange = _READER.read_event(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unreadable from None
        if event.type in _READERS:
            for path in strange:
                self.notes.member(_in_message(path, event.type))
        return event

    def end(self) -> list[Event]:
        """The end of the body: adds nothing."""
        return []

    def _start(self, event: _Event) -> list[Event]:
        message = event.message
        if message is None:
            raise Unreadable
        tier = counts = None
        if message.usage is not None:
            counts = usage.from_messages(message.usage)
            self.usage = usage.at_begin(counts)
            note_tier(self.notes, message.usage.service_tier)
            tier = service_tier(message.usage.service_tier)
        return [Begin(message.id, message.model, None, counts, tier)]

    def _block_start(self, event: _Event) -> list[Event]:
        block = event.content_block
        kind = _KINDS.get(block.type) if block is not None else None
        if block is None:
            raise Unreadable
        if kind is None:
            self.notes.kind(block.type)
            return []
        if block.citations:
            self.notes.member("content[].citations")
        note_caller(self.notes, block.caller)
        number = self._numbers[event.index] = self._count
        self._count += 1
        if kind == "tool_call":
            # A call without arguments has no deltas here, and an empty object elsewhere; some hosts give them at once.
            self._calls[number] = str(memoryview(given(block.input) or _NO_ARGUMENTS), "utf-8")
        events: list[Event] = [Opened(number, kind, block.id or "", block.name or "")]
        said = block.text or block.thinking
        if said:
            events.append(Delta(number, said))
        if block.data:
            events.append(Sealed(number, block.data, self._provider, is_hidden=True))
        elif block.signature:
            events.append(Sealed(number, block.signature, self._provider))
        return events

    def _block_delta(self, event: _Event) -> list[Event]:
        number, delta = self._numbers.get(event.index), event.delta
        if number is None or delta is None:
            return []
        if delta.type == "signature_delta":
            return [Sealed(number, delta.signature, self._provider)] if delta.signature else []
        if delta.type == "citations_delta":
            self.notes.member("content[].citations")
            return []
        text = delta.text or delta.thinking
        if text is None and number in self._calls and delta.partial_json:
            text = delta.partial_json
            self._calls[number] = ""
        return [Delta(number, text)] if text else []

    def _block_stop(self, event: _Event) -> list[Event]:
        number = self._numbers.pop(event.index, None)
        if number is None:
            return []
        arguments = self._calls.pop(number, "")
        return [Delta(number, arguments), Closed(number)] if arguments else [Closed(number)]

    def _message_delta(self, event: _Event) -> list[Event]:
        if event.usage is not None:
            self.usage = usage.from_messages(event.usage, earlier=self.usage)
        delta = event.delta
        if delta is not None and delta.stop_reason is not None:
            details = delta.stop_details
            if delta.stop_sequence is not None:
                self.notes.member("stop_sequence")
            self._finish = finish(
                delta.stop_reason, delta.stop_sequence, details.explanation if details is not None else None
            )
        return []

    def _stop(self, event: _Event) -> list[Event]:
        if self._finish is None:
            raise Unreadable
        self.is_finished = True
        events: list[Event] = [Closed(number) for number in self._numbers.values()]
        for refusal in why_refused(self._finish):
            events += [Opened(self._count, "refusal"), Delta(self._count, refusal.text), Closed(self._count)]
        return [*events, Finished(self._finish, self.usage)]

    def _error(self, event: _Event) -> list[Event]:
        raise ErrorSeen(bytes(event.error))


def _in_message(path: str, kind: str) -> str:
    """The path of a member of an event, as it stands in a whole message."""
    place = "" if kind == "message_delta" else "content[]."
    for beginning, instead in (("message.", ""), ("content_block.", "content[]."), ("delta.", place)):
        if path.startswith(beginning):
            return instead + path.removeprefix(beginning)
    return path


_QUIET = ("ping",)
_KINDS: dict[str, BlockKind] = {
    "text": "text",
    "thinking": "reasoning",
    "redacted_thinking": "reasoning",
    "tool_use": "tool_call",
}
_READERS: dict[str, Callable[[Decoder, _Event], list[Event]]] = {
    "content_block_delta": Decoder._block_delta,
    "message_start": Decoder._start,
    "content_block_start": Decoder._block_start,
    "content_block_stop": Decoder._block_stop,
    "message_delta": Decoder._message_delta,
    "message_stop": Decoder._stop,
    "error": Decoder._error,
}

_DELTA_HEAD = 'event: content_block_delta\ndata: {{"type":"content_block_delta","index":{},"delta":{{"type":{}:'
_DELTA_TYPES: dict[BlockKind, str] = {
    "text": '"text_delta","text"',
    "refusal": '"text_delta","text"',
    "reasoning": '"thinking_delta","thinking"',
    "tool_call": '"input_json_delta","partial_json"',
    "custom_call": '"input_json_delta","partial_json"',
}


class Encoder:
    """Writes the events of one answer in Anthropic's form."""

    __slots__ = ("_answering", "_has_refusal", "_heads")

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._heads: dict[int, bytes] = {}
        self._has_refusal = False

    def write(self, event: Event) -> bytes:
        """The bytes that one event adds."""
        if type(event) is Delta:
            return self._heads[event.block] + _encode(event.text) + b"}}\n\n"
        return _WRITERS[type(event)](self, event)

    def _begin(self, begin: Begin) -> bytes:
        message: dict[str, Any] = {
            "id": begin.id or self._answering.id,
            "type": "message",
            "role": "assistant",
            "model": begin.model or self._answering.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
            "container": None,
            "usage": usage.to_messages(begin.usage) | {"service_tier": TIERS.get(begin.service_tier or "")},
        }
        return _event("message_start", {"message": message})

    def _opened(self, opened: Opened) -> bytes:
        self._heads[opened.block] = _DELTA_HEAD.format(opened.block, _DELTA_TYPES[opened.kind]).encode()
        self._has_refusal = self._has_refusal or opened.kind == "refusal"
        block: dict[str, Any]
        if opened.kind == "reasoning":
            block = {"type": "thinking", "thinking": "", "signature": ""}
        elif opened.kind in ("tool_call", "custom_call"):
            caller = {"type": "direct"}
            block = {
                "type": "tool_use",
                "id": ids.safe(opened.call_id),
                "name": opened.name,
                "input": {},
                "caller": caller,
            }
        else:
            block = {"type": "text", "text": "", "citations": None}
        return _event("content_block_start", {"index": opened.block, "content_block": block})

    def _sealed(self, sealed: Sealed) -> bytes:
        proof = seals.marked(Reasoning("", sealed.seal, sealed.maker, sealed.is_hidden))
        delta = {"type": "signature_delta", "signature": proof}
        return _event("content_block_delta", {"index": sealed.block, "delta": delta})

    def _closed(self, closed: Closed) -> bytes:
        return _event("content_block_stop", {"index": closed.block})

    def _finished(self, finished: Finished) -> bytes:
        end = refused(finished.finish) if self._has_refusal else finished.finish
        word, native = finishes.to_messages(end.reason)
        delta: dict[str, Any] = {
            "stop_reason": word,
            "stop_sequence": end.sequence,
            "stop_details": stop_details(end),
            "container": None,
        }
        if native is not None:
            delta[finishes.NATIVE] = native
        last = _event("message_delta", {"delta": delta, "usage": usage.to_messages_delta(finished.usage)})
        return last + b'event: message_stop\ndata: {"type":"message_stop"}\n\n'

    def fail(self, members: dict[str, Any]) -> bytes:
        """The event that ends a stream that failed."""
        return _event("error", members)


_WRITERS: dict[type, Callable[[Encoder, Any], bytes]] = {
    Begin: Encoder._begin,
    Opened: Encoder._opened,
    Sealed: Encoder._sealed,
    Closed: Encoder._closed,
    Finished: Encoder._finished,
}


def _event(kind: str, members: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: ".encode() + _encode({"type": kind} | members) + b"\n\n"
