"""The events of a response, into the canonical ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from plano.domain.usage import Usage
from plano.wire.canonical.events import Begin, BlockKind, Closed, Delta, Event, Finished, Opened, Sealed
from plano.wire.canonical.notes import Notes
from plano.wire.dialects import usage
from plano.wire.dialects.answering import Answering, AnswerReader, Scalar
from plano.wire.dialects.chat.answer import note_tier
from plano.wire.dialects.reading import NULL, BadAnswer, filled_list, given
from plano.wire.dialects.responses.answer import (
    ITEM_TYPES,
    Item,
    Part,
    Response,
    finish,
    note_item,
    note_part,
    note_thought,
    thought,
)
from plano.wire.dialects.stream import ErrorSeen, Unreadable


class _Event(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What is read of an event of any type. ``Scalar``: what says nothing that another member does not."""

    type: str = ""
    output_index: int = 0
    content_index: int = 0
    summary_index: int = 0
    delta: str | None = None
    logprobs: tuple[msgspec.Raw, ...] | None = None
    item: Item | None = None
    part: Part | None = None
    response: Response | None = None
    error: msgspec.Raw = NULL
    sequence_number: Scalar = None
    item_id: Scalar = None
    obfuscation: Scalar = None
    text: Any = None
    arguments: Any = None
    input: Any = None
    refusal: Any = None
    name: Any = None
    annotation: msgspec.Raw = NULL
    annotation_index: Any = None
    status: Any = None


_READER = AnswerReader(_Event, {"item": ITEM_TYPES, "response.output[]": ITEM_TYPES})
_decode = _READER.decode
_Key = tuple[int, int]
"""Output index and content index: what one block is made of."""

_ASKED_TIER = "auto"
"""What a response says of its tier until it is known."""

_THOUGHTS = -1
"""The content index of thoughts, which have none."""


class Decoder:
    """Reads the data of one event at a time. ``is_finished``: ``response.completed`` or ``.incomplete`` was seen."""

    __slots__ = (
        "_blocks",
        "_calls",
        "_count",
        "_has_calls",
        "_provider",
        "_tier",
        "_told",
        "is_finished",
        "notes",
        "usage",
    )

    def __init__(self, answering: Answering) -> None:
        self._provider = answering.provider
        self._blocks: dict[_Key, int] = {}
        self._calls: dict[int, bool] = {}
        self._told: set[_Key] = set()
        self._tier: str | None = None
        self._count = 0
        self._has_calls = False
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
        if event.type in _FAILURES:
            raise ErrorSeen(_error_of(event, data))
        if event.type not in _QUIET and not event.type.startswith(_OWN_TOOLS):
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
                self.notes.member(_in_response(path))
        return event

    def end(self) -> list[Event]:
        """The end of the body: adds nothing."""
        return []

    def _created(self, event: _Event) -> list[Event]:
        response = event.response
        if response is None:
            raise Unreadable
        self._tier = response.service_tier if response.service_tier != _ASKED_TIER else None
        note_tier(self.notes, self._tier)
        created_s = int(response.created_at) if response.created_at is not None else None
        return [Begin(response.id, response.model, created_s, None, self._tier)]

    def _item_added(self, event: _Event) -> list[Event]:
        item = event.item
        if item is None:
            raise Unreadable
        if item.type not in ITEM_TYPES:
            self.notes.kind(item.type)
        return self._call(event.output_index, item)

    def _call(self, index: int, item: Item) -> list[Event]:
        kind = _CALLS.get(item.type)
        if kind is None or item.call_id is None or item.name is None:
            return []
        number = self._open((index, 0))
        self._calls[number] = False
        self._has_calls = True
        opened = Opened(number, kind, item.call_id, item.name)
        said = item.arguments or item.input
        if not isinstance(said, str | None):
            raise Unreadable
        return [opened, *self._more(number, said)] if said else [opened]

    def _text_delta(self, event: _Event) -> list[Event]:
        return self._said(event, "text")

    def _refusal_delta(self, event: _Event) -> list[Event]:
        return self._said(event, "refusal")

    def _said(self, event: _Event, kind: BlockKind) -> list[Event]:
        key = (event.output_index, event.content_index)
        number, text = self._blocks.get(key), event.delta
        if number is not None and not event.logprobs:
            return [Delta(number, text)] if text else []
        records = filled_list(event.logprobs)
        if records is not None:
            self.notes.member("output[].content[].logprobs")
        if number is not None:
            return [Delta(number, text, records)] if text else []
        number = self._open(key)
        opened = Opened(number, kind)
        return [opened, Delta(number, text, records)] if text else [opened]

    def _thought(self, event: _Event) -> list[Event]:
        key = (event.output_index, _THOUGHTS)
        events: list[Event] = []
        if key not in self._blocks:
            events.append(Opened(self._open(key), "reasoning"))
        if event.delta:
            events.append(Delta(self._blocks[key], event.delta))
        return events

    def _summary_added(self, event: _Event) -> list[Event]:
        """A further part of a summary begins a new paragraph."""
        number = self._blocks.get((event.output_index, _THOUGHTS))
        return [Delta(number, "\n\n")] if number is not None and event.summary_index else []

    def _arguments(self, event: _Event) -> list[Event]:
        number = self._blocks.get((event.output_index, 0))
        return self._more(number, event.delta) if number is not None and event.delta else []

    def _more(self, number: int, text: str) -> list[Event]:
        self._calls[number] = True
        return [Delta(number, text)]

    def _annotation(self, _event: _Event) -> list[Event]:
        self.notes.member("output[].content[].annotations")
        return []

    def _part_done(self, event: _Event) -> list[Event]:
        key = (event.output_index, event.content_index)
        number = self._blocks.pop(key, None)
        if event.part is not None:
            note_part(self.notes, event.part)
        if number is None:
            return self._untold(key, event.part) if event.part is not None else []
        return [Closed(number)]

    def _untold(self, key: _Key, part: Part) -> list[Event]:
        """A part whose words came in no delta, but only as a whole."""
        text = part.refusal if part.type == "refusal" else part.text
        if not text or key in self._told:
            return []
        number = self._open(key)
        del self._blocks[key]
        kind: BlockKind = "refusal" if part.type == "refusal" else "text"
        return [Opened(number, kind), Delta(number, text, filled_list(part.logprobs)), Closed(number)]

    def _item_done(self, event: _Event) -> list[Event]:
        item = event.item
        if item is None:
            raise Unreadable
        note_item(self.notes, item)
        return self._ended(event.output_index, item)

    def _ended(self, index: int, item: Item) -> list[Event]:
        key = (index, _THOUGHTS if item.type == "reasoning" else 0)
        events: list[Event] = []
        if item.type == "message":
            for place, part in enumerate(item.content or ()):
                events += self._untold((index, place), part)
        elif key not in self._told:
            events += self._call(index, item)
        proof = self._thought_done(key, item, events) if item.type == "reasoning" else None
        number = self._blocks.pop(key, None)
        if number is None:
            return events
        if proof is not None:
            events.append(Sealed(number, proof, self._provider))
        elif self._calls.pop(number, True) is False:
            # A host that sends no deltas: the arguments are in the item.
            said = item.input if item.input is not None else item.arguments or "{}"
            if not isinstance(said, str):
                raise Unreadable
            events.append(Delta(number, said))
        return [*events, Closed(number)]

    def _thought_done(self, key: _Key, item: Item, events: list[Event]) -> str | None:
        """The proof of a thought that is whole; its text where that came in no delta."""
        found = thought(item, self._provider)
        text = "" if key in self._told else found.text
        if (found.seal is not None or text) and key not in self._blocks:
            events.append(Opened(self._open(key), "reasoning"))
        if text:
            note_thought(self.notes, item)
            events.append(Delta(self._blocks[key], text))
        return found.seal

    def _completed(self, event: _Event) -> list[Event]:
        response = event.response
        if response is None:
            raise Unreadable
        if response.usage is not None:
            self.usage = usage.from_responses(response.usage)
        if response.service_tier not in (self._tier, None) and (self._tier or response.service_tier != "default"):
            self.notes.member("service_tier (known at the end)")
        whole: list[Event] = []
        if not self._told:
            # A host that streams nothing but the end: the answer is in it.
            for index, item in enumerate(response.output):
                whole += self._ended(index, item)
        try:
            end = finish(response, event.type.removeprefix("response."), has_calls=self._has_calls)
        except BadAnswer:
            raise Unreadable from None
        self.is_finished = True
        events: list[Event] = [Closed(number) for number in self._blocks.values()]
        return [*whole, *events, Finished(end, self.usage)]

    def _open(self, key: _Key) -> int:
        number = self._blocks[key] = self._count
        self._told.add(key)
        self._count += 1
        return number


def _in_response(path: str) -> str:
    """The path of a member of an event, as it stands in a whole response."""
    for beginning, instead in (("response.", ""), ("item.", "output[]."), ("part.", "output[].content[].")):
        if path.startswith(beginning):
            return instead + path.removeprefix(beginning)
    return path


_QUIET = frozenset(
    {
        *("response.queued", "response.in_progress", "response.content_part.added", "response.output_text.done"),
        *("response.refusal.done", "response.function_call_arguments.done", "response.custom_tool_call_input.done"),
        *("response.reasoning_text.done", "response.reasoning_summary_text.done"),
        *("response.reasoning_summary_part.done", "keepalive"),
    }
)
"""Events that say again what others say."""

_OWN_TOOLS = (
    *("response.web_search_call.", "response.file_search_call.", "response.code_interpreter_call"),
    *("response.image_generation_call.", "response.mcp_", "response.shell_call", "response.compaction."),
)
"""Events about items that are named when they begin."""

_FAILURES = ("error", "response.failed", "response.cancelled")
_CALLS: dict[str, BlockKind] = {"function_call": "tool_call", "custom_tool_call": "custom_call"}
_READERS: dict[str, Callable[[Decoder, _Event], list[Event]]] = {
    "response.output_text.delta": Decoder._text_delta,
    "response.function_call_arguments.delta": Decoder._arguments,
    "response.custom_tool_call_input.delta": Decoder._arguments,
    "response.reasoning_summary_text.delta": Decoder._thought,
    "response.reasoning_text.delta": Decoder._thought,
    "response.reasoning_summary_part.added": Decoder._summary_added,
    "response.refusal.delta": Decoder._refusal_delta,
    "response.created": Decoder._created,
    "response.output_item.added": Decoder._item_added,
    "response.output_text.annotation.added": Decoder._annotation,
    "response.content_part.done": Decoder._part_done,
    "response.output_item.done": Decoder._item_done,
    "response.completed": Decoder._completed,
    "response.incomplete": Decoder._completed,
}


def _error_of(event: _Event, data: bytes) -> bytes:
    if given(event.error) is not None:
        return bytes(event.error)
    if event.response is not None and given(event.response.error) is not None:
        return bytes(event.response.error)
    return data
