"""The events of a response, into the canonical ones."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from plano.domain.usage import Usage
from plano.wire.canonical.events import Begin, BlockKind, Closed, Delta, Event, Finished, Opened, Sealed
from plano.wire.dialects import usage
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.reading import NULL, BadAnswer, filled_list, given
from plano.wire.dialects.responses.answer import ITEM_TYPES, Item, Part, Response, finish, proof_of
from plano.wire.dialects.stream import ErrorSeen, Unreadable


class _Event(msgspec.Struct, frozen=True, gc=False):
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


_DECODER = msgspec.json.Decoder(_Event)
_Key = tuple[int, int]
"""Output index and content index: what one block is made of."""

_THOUGHTS = -1
"""The content index of thoughts, which have none."""


class Decoder:
    """Reads the data of one event at a time. ``is_finished``: ``response.completed`` or ``.incomplete`` was seen."""

    __slots__ = ("_blocks", "_calls", "_count", "_has_calls", "_provider", "_told", "is_finished", "skipped", "usage")

    def __init__(self, answering: Answering) -> None:
        self._provider = answering.provider
        self._blocks: dict[_Key, int] = {}
        self._calls: dict[int, bool] = {}
        self._told: set[_Key] = set()
        self._count = 0
        self._has_calls = False
        self.is_finished = False
        self.skipped: list[str] = []
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
            event = _DECODER.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unreadable from None
        if self.is_finished:
            return []
        read = _READERS.get(event.type)
        if read is not None:
            return read(self, event)
        if event.type in _FAILURES:
            raise ErrorSeen(_error_of(event, data))
        return []

    def end(self) -> list[Event]:
        """The end of the body: adds nothing."""
        return []

    def _created(self, event: _Event) -> list[Event]:
        response = event.response
        if response is None:
            raise Unreadable
        created_s = int(response.created_at) if response.created_at is not None else None
        return [Begin(response.id, response.model, created_s, None, response.service_tier)]

    def _item_added(self, event: _Event) -> list[Event]:
        item = event.item
        if item is None:
            raise Unreadable
        if item.type not in ITEM_TYPES:
            self.skipped.append(item.type)
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
        if number is not None:
            return [Delta(number, text, filled_list(event.logprobs) if event.logprobs else None)] if text else []
        number = self._open(key)
        opened = Opened(number, kind)
        return [opened, Delta(number, text, filled_list(event.logprobs))] if text else [opened]

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
        self.skipped.append("annotations")
        return []

    def _part_done(self, event: _Event) -> list[Event]:
        key = (event.output_index, event.content_index)
        number = self._blocks.pop(key, None)
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
        return [Opened(number, "refusal" if part.type == "refusal" else "text"), Delta(number, text), Closed(number)]

    def _item_done(self, event: _Event) -> list[Event]:
        item = event.item
        if item is None:
            raise Unreadable
        return self._ended(event.output_index, item)

    def _ended(self, index: int, item: Item) -> list[Event]:
        key = (index, _THOUGHTS if item.type == "reasoning" else 0)
        events: list[Event] = []
        if item.type == "message":
            for place, part in enumerate(item.content or ()):
                events += self._untold((index, place), part)
        elif key not in self._told:
            events += self._call(index, item)
        proof = proof_of(item) if item.type == "reasoning" else None
        if proof is not None and key not in self._blocks:
            events.append(Opened(self._open(key), "reasoning"))
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

    def _completed(self, event: _Event) -> list[Event]:
        response = event.response
        if response is None:
            raise Unreadable
        if response.usage is not None:
            self.usage = usage.from_responses(response.usage)
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
