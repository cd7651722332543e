"""The events of a response, out of the canonical ones: every step of every item, numbered from 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from plano.wire.canonical.events import Begin, BlockKind, Closed, Delta, Event, Finished, Opened, Sealed
from plano.wire.canonical.request import Reasoning, ToolCall
from plano.wire.dialects import seals
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.chat.answer import SERVICE_TIERS
from plano.wire.dialects.errors import failed_response
from plano.wire.dialects.responses import answer

_encode = msgspec.json.Encoder().encode
_DELTAS: dict[BlockKind, str] = {
    "text": "response.output_text.delta",
    "refusal": "response.refusal.delta",
    "reasoning": "response.reasoning_summary_text.delta",
    "tool_call": "response.function_call_arguments.delta",
    "custom_call": "response.custom_tool_call_input.delta",
}
_MESSAGE_KINDS = ("text", "refusal")


class _Block:
    """A block that is open. ``head`` and ``tail`` stand around the text of a delta and its number."""

    __slots__ = (
        "content_index",
        "head",
        "item_name",
        "kind",
        "middle",
        "opened",
        "output_index",
        "seal",
        "tail",
        "texts",
    )

    def __init__(self, opened: Opened, output_index: int, content_index: int, item_name: str) -> None:
        self.opened = opened
        self.kind = opened.kind
        self.output_index = output_index
        self.content_index = content_index
        self.item_name = item_name
        self.texts: list[str] = []
        self.seal: str | None = None
        kind = _DELTAS[opened.kind]
        place = self.place()
        self.head = f'event: {kind}\ndata: {{"type":"{kind}","sequence_number":'.encode()
        self.middle = b"," + _encode(place)[1:-1] + b',"delta":'
        self.tail = b',"logprobs":[]}\n\n' if opened.kind == "text" else b"}\n\n"

    @property
    def item_id(self) -> str:
        """The id of the item that holds the block."""
        return f"{_PREFIXES[self.kind]}_{self.item_name}"

    def place(self) -> dict[str, Any]:
        """The members that say which block an event is about."""
        place: dict[str, Any] = {"item_id": self.item_id, "output_index": self.output_index}
        if self.kind in _MESSAGE_KINDS:
            place["content_index"] = self.content_index
        elif self.kind == "reasoning":
            place["summary_index"] = 0
        return place

    @property
    def text(self) -> str:
        """Everything said so far."""
        return "".join(self.texts)


_PREFIXES: dict[BlockKind, str] = {
    "text": "msg",
    "refusal": "msg",
    "reasoning": "rs",
    "tool_call": "fc",
    "custom_call": "ctc",
}


class Encoder:
    """Writes the events of one answer in the form of the Responses API."""

    __slots__ = ("_answering", "_blocks", "_items", "_message", "_number", "_response")

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._number = 0
        self._response: dict[str, Any] = {}
        self._items: list[dict[str, Any]] = []
        self._blocks: dict[int, _Block] = {}
        self._message: list[dict[str, Any]] | None = None

    def write(self, event: Event) -> bytes:
        """The bytes that one event adds."""
        if type(event) is Delta:
            block = self._blocks[event.block]
            block.texts.append(event.text)
            number = self._number
            self._number = number + 1
            tail = block.tail if event.logprobs is None else b',"logprobs":' + bytes(event.logprobs) + b"}\n\n"
            return b"%b%d%b%b%b" % (block.head, number, block.middle, _encode(event.text), tail)
        return _WRITERS[type(event)](self, event)

    def fail(self, members: dict[str, Any]) -> bytes:
        """``response.failed``."""
        response = self._response or {"id": f"resp_{self._answering.id}", "output": []}
        return failed_response(members["error"], response, self._number)

    def _event(self, kind: str, members: dict[str, Any]) -> bytes:
        body = _encode({"type": kind, "sequence_number": self._number, **members})
        self._number += 1
        return f"event: {kind}\ndata: ".encode() + body + b"\n\n"

    def _begin(self, begin: Begin) -> bytes:
        self._response = answer.snapshot(begin.id, begin.model, begin.created_s, self._answering)
        if begin.service_tier in SERVICE_TIERS:
            self._response["service_tier"] = begin.service_tier
        created = self._event("response.created", {"response": self._response})
        return created + self._event("response.in_progress", {"response": self._response})

    def _opened(self, opened: Opened) -> bytes:
        is_part = opened.kind in _MESSAGE_KINDS
        written = b"" if is_part else self._end_message()
        if is_part and self._message is not None:
            block = self._block(opened, len(self._items) - 1, len(self._message))
        else:
            block = self._block(opened, len(self._items), 0)
            item = self._item(block, "in_progress")
            self._items.append(item)
            written += self._event("response.output_item.added", {"output_index": block.output_index, "item": item})
        if is_part:
            self._message = self._message if self._message is not None else []
            part = _part(opened.kind, "")
            self._message.append(part)
            written += self._event("response.content_part.added", {**block.place(), "part": part})
        elif opened.kind == "reasoning":
            part = {"type": "summary_text", "text": ""}
            written += self._event("response.reasoning_summary_part.added", {**block.place(), "part": part})
        return written

    def _block(self, opened: Opened, output_index: int, content_index: int) -> _Block:
        block = _Block(opened, output_index, content_index, f"{self._response['id']}_{output_index}")
        self._blocks[opened.block] = block
        return block

    def _item(self, block: _Block, status: str) -> dict[str, Any]:
        opened = block.opened
        if opened.kind in _MESSAGE_KINDS:
            return answer.message([], block.item_name, status=status)
        if opened.kind == "reasoning":
            return answer.reasoning(block.text, block.seal, block.item_name)
        is_custom = opened.kind == "custom_call"
        made = ToolCall(opened.call_id, opened.name, block.text, is_custom)
        return answer.call(made, block.item_name, status=status)

    def _sealed(self, sealed: Sealed) -> bytes:
        proof = Reasoning("", sealed.seal, sealed.maker, sealed.is_hidden)
        self._blocks[sealed.block].seal = seals.marked(proof)
        return b""

    def _closed(self, closed: Closed) -> bytes:
        block = self._blocks.pop(closed.block)
        text, place = block.text, block.place()
        if block.kind in _MESSAGE_KINDS:
            assert self._message is not None
            part = self._message[block.content_index] = _part(block.kind, text)
            done = {"text": text, "logprobs": []} if block.kind == "text" else {"refusal": text}
            word = "output_text" if block.kind == "text" else "refusal"
            written = self._event(f"response.{word}.done", {**place, **done})
            return written + self._event("response.content_part.done", {**place, "part": part})
        if block.kind == "reasoning":
            part = {"type": "summary_text", "text": text}
            written = self._event("response.reasoning_summary_text.done", {**place, "text": text})
            written += self._event("response.reasoning_summary_part.done", {**place, "part": part})
        elif block.kind == "tool_call":
            done = {"arguments": text, "name": block.opened.name}
            written = self._event("response.function_call_arguments.done", {**place, **done})
        else:
            written = self._event("response.custom_tool_call_input.done", {**place, "input": text})
        return written + self._item_done(block.output_index, self._item(block, "completed"))

    def _item_done(self, index: int, item: dict[str, Any]) -> bytes:
        self._items[index] = item
        return self._event("response.output_item.done", {"output_index": index, "item": item})

    def _end_message(self) -> bytes:
        if self._message is None:
            return b""
        index = next(n for n in reversed(range(len(self._items))) if self._items[n]["type"] == "message")
        item = answer.message(self._message, f"{self._response['id']}_{index}")
        self._message = None
        return self._item_done(index, item)

    def _finished(self, finished: Finished) -> bytes:
        written = self._end_message()
        end = answer.ending(finished.finish, finished.usage, self._answering.now_s)
        response = self._response | end | {"output": self._items}
        return written + self._event(f"response.{end['status']}", {"response": response})


def _part(kind: BlockKind, text: str) -> dict[str, Any]:
    if kind == "refusal":
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


_WRITERS: dict[type, Callable[[Encoder, Any], bytes]] = {
    Begin: Encoder._begin,
    Opened: Encoder._opened,
    Sealed: Encoder._sealed,
    Closed: Encoder._closed,
    Finished: Encoder._finished,
}
