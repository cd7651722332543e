"""Chat completion chunks: into the canonical events, and out of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from plano.domain.usage import Usage
from plano.wire.canonical.answer import Finish
from plano.wire.canonical.events import Begin, BlockKind, Closed, Delta, Event, Finished, Opened, Sealed
from plano.wire.canonical.notes import Notes
from plano.wire.canonical.request import Reasoning, Text
from plano.wire.dialects import finishes, usage
from plano.wire.dialects.answering import Answering
from plano.wire.dialects.chat.answer import (
    FURTHER_CHOICES,
    SERVICE_TIERS,
    Detail,
    Logprobs,
    Part,
    finish,
    note_choice,
    note_parts,
    note_tier,
    said,
    thought,
    written_details,
)
from plano.wire.dialects.chat.chunks import NOTHING, READER, Call, Choice, Chunk, Said, words_alone
from plano.wire.dialects.reading import NULL, filled_list
from plano.wire.dialects.stream import ErrorSeen, Unreadable

_DONE = b"[DONE]"
_encode = msgspec.json.Encoder().encode


_decode = READER.decode
_BROKEN_OFF = _encode({"error": {"message": finishes.WITHOUT_WORDS}})


class Decoder:
    """Reads the data of one event at a time.

    ``is_finished``: a ``finish_reason`` was seen, which is the end of the answer; usage may follow it.
    """

    __slots__ = (
        "_arguments",
        "_begun",
        "_calls",
        "_count",
        "_early",
        "_ended",
        "_finish",
        "_id",
        "_kind",
        "_open",
        "_provider",
        "notes",
        "usage",
    )

    def __init__(self, answering: Answering) -> None:
        self._provider = answering.provider
        self._id = answering.id
        self._begun = self._ended = False
        self._finish: Finish | None = None
        self._count = 0
        self._kind: BlockKind | None = None
        self._open: int = -1
        self._calls: dict[int, tuple[int, str | None]] = {}
        self._early: dict[int, str] = {}
        self._arguments: dict[int, list[str]] = {}
        self.notes = Notes()
        self.usage: Usage | None = None

    @property
    def is_finished(self) -> bool:
        """Has the upstream's own end been seen?"""
        return self._finish is not None

    @property
    def has_open_call(self) -> bool:
        """Would half of a tool call be lost now?"""
        return bool(self._arguments) and self._finish is None

    def read(self, data: bytes) -> list[Event]:
        """What one event says. Raises Unreadable or ErrorSeen."""
        if data == _DONE:
            return self.end()
        try:
            chunk = _decode(data)
        except msgspec.ValidationError:
            chunk = self._odd(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unreadable from None
        if chunk.error is not NULL and chunk.error != NULL:
            raise ErrorSeen(bytes(chunk.error))
        if self._kind == "text" and self._finish is None and chunk.choices and chunk.usage is None:
            words = words_alone(chunk.choices)
            if words:
                return [Delta(self._open, words)]
        return self._more(chunk)

    def _more(self, chunk: Chunk) -> list[Event]:
        """What a chunk says that is more than words."""
        events: list[Event] = []
        # Azure sends its filter results first, in a chunk without choices, id and model.
        if not self._begun and chunk.choices:
            self._begun = True
            events.append(Begin(chunk.id, chunk.model, chunk.created, None, chunk.service_tier))
            note_tier(self.notes, chunk.service_tier)
        if chunk.system_fingerprint or chunk.provider:
            self._beside(chunk)
        if chunk.usage is not None:
            self.usage = usage.from_chat(chunk.usage)
        for choice in chunk.choices or ():
            # A second finish, or words behind the first one, would repeat or outlive a complete answer.
            if choice.index or self._finish is None:
                self._choice(choice, events)
        return events

    def _beside(self, chunk: Chunk) -> None:
        """What stands in every chunk, those of words alone excepted, where it is not looked for."""
        for name in ("system_fingerprint", "provider"):
            if getattr(chunk, name):
                self.notes.member(name)

    def _odd(self, data: bytes) -> Chunk:
        """An event with members beyond its shape, which are noted. Raises Unreadable."""
        try:
            chunk, strange = READER.read_event(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unreadable from None
        for path in strange:
            self.notes.member(path.replace(".delta", ".message", 1))
        return chunk

    def end(self) -> list[Event]:
        """The end of the stream, by ``[DONE]`` or by the end of the body: the answer is finished, if it is."""
        if self._finish is None or self._ended:
            return []
        self._ended = True
        return [Finished(self._finish, self.usage)]

    def _choice(self, choice: Choice, events: list[Event]) -> None:
        if choice.index:
            self.notes.member(FURTHER_CHOICES)
            return
        delta = choice.delta
        if delta is not None:
            if delta is not NOTHING:
                self._words(delta, choice.logprobs, events)
            if delta.tool_calls:
                for call in delta.tool_calls:
                    self._call(call, events)
        if choice.finish_reason == finishes.BROKEN_OFF:
            raise ErrorSeen(_BROKEN_OFF)
        if choice.finish_reason:
            if any(text.strip() for text in self._early.values()):
                # Arguments of a call that was never named: there is no whole answer.
                raise Unreadable
            self._finish = finish(choice.finish_reason, has_calls=bool(self._calls))
            self._close(events)
            for block, parts in self._arguments.items():
                # No arguments at all: other dialects want an object.
                events += [Closed(block)] if parts else [Delta(block, "{}"), Closed(block)]

    def _words(self, delta: Said, logprobs: Logprobs | None, events: list[Event]) -> None:
        content, records = delta.content, None if logprobs is None else filled_list(logprobs.content)
        if delta.annotations or records is not None:
            note_choice(self.notes, delta.annotations, records)
        thoughts = delta.reasoning_content or delta.reasoning
        if thoughts:
            self._say("reasoning", thoughts, events)
        if delta.reasoning_details:
            for detail in delta.reasoning_details:
                self._detail(detail, events, is_said=bool(thoughts))
        if isinstance(content, str):
            if content:
                self._say("text", content, events, records)
        elif content is not None:
            note_parts(self.notes, content)
            self._parts(content, events)
        if delta.refusal:
            self._say("refusal", delta.refusal, events)
        if delta.function_call is not None:
            self._call(Call(0, None, delta.function_call), events)

    def _parts(self, parts: tuple[Part, ...], events: list[Event]) -> None:
        for part in parts:
            found = said(part)
            if found is not None:
                self._say("text" if type(found) is Text else "reasoning", found.text, events)

    def _detail(self, detail: Detail, events: list[Event], *, is_said: bool) -> None:
        if detail.text and not is_said:
            self._say("reasoning", detail.text, events)
        made = thought(detail, self._provider)
        if made.seal is not None:
            if self._kind != "reasoning":
                self._begin("reasoning", events)
            events.append(Sealed(self._open, made.seal, made.maker, made.is_hidden))

    def _say(self, kind: BlockKind, text: str, events: list[Event], records: msgspec.Raw | None = None) -> None:
        if self._kind != kind:
            self._begin(kind, events)
        events.append(Delta(self._open, text, records))

    def _begin(self, kind: BlockKind, events: list[Event]) -> None:
        self._close(events)
        self._close_last_call(events)
        self._kind, self._open = kind, self._count
        events.append(Opened(self._count, kind))
        self._count += 1

    def _close(self, events: list[Event]) -> None:
        if self._kind is not None:
            events.append(Closed(self._open))
            self._kind = None

    def _call(self, call: Call, events: list[Event]) -> None:
        function = call.function or call.custom
        text = "" if function is None else function.arguments or function.input or ""
        # Some hosts leave the index out; then a new id is a new call.
        index = call.index if call.index is not None else self._index_of(call.id)
        known = self._calls.get(index)
        if known is None or (call.id and known[1] and call.id != known[1]):
            if function is None or not function.name:
                # Others send the name later than the first arguments.
                self._early[index] = self._early.get(index, "") + text
                return
            known = self._open_call(index, call, function.name, events)
            text = self._early.pop(index, "") + text
        block = known[0]
        if text and block in self._arguments:
            self._arguments[block].append(text)
            events.append(Delta(block, text))
        elif text.strip():
            raise Unreadable

    def _index_of(self, call_id: str | None) -> int:
        known = next((index for index, (_, known) in self._calls.items() if known == call_id), None)
        return known if known is not None else len(self._calls) if call_id else max(len(self._calls) - 1, 0)

    def _open_call(self, index: int, call: Call, name: str, events: list[Event]) -> tuple[int, str | None]:
        self._close(events)
        self._close_last_call(events)
        block = self._count
        self._count += 1
        # An id that comes later than the name is too late: the caller has been given one.
        known = self._calls[index] = (block, call.id or None)
        self._arguments[block] = []
        kind: BlockKind = "tool_call" if call.custom is None else "custom_call"
        events.append(Opened(block, kind, call.id or f"call_{self._id}_{block}", name))
        return known

    def _close_last_call(self, events: list[Event]) -> None:
        """A call whose arguments are whole ends where the next block begins, as the other dialects have it."""
        block = next(reversed(self._arguments), None)
        if block is None:
            return
        try:
            msgspec.json.decode("".join(self._arguments[block]))
        except (msgspec.DecodeError, RecursionError):
            return
        del self._arguments[block]
        events.append(Closed(block))


_LOGPROBS = b'},"logprobs":{"content":%b,"refusal":null},"finish_reason":null}]'
_MEMBERS: dict[BlockKind, bytes] = {
    "text": b'{"content":',
    "refusal": b'{"refusal":',
    "reasoning": b'{"reasoning_content":',
}


class Encoder:
    """Writes the events of one answer as chunks."""

    __slots__ = ("_answering", "_around", "_calls", "_head", "_seals", "_thoughts", "_usage_tail")

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._head = b""
        self._thoughts: dict[int, list[str]] = {}
        self._around: dict[int, tuple[bytes, bytes]] = {}
        self._calls = 0
        self._seals = 0
        self._usage_tail = b',"usage":null}\n\n' if answering.echo.wants_usage else b"}\n\n"

    def write(self, event: Event) -> bytes:
        """The bytes that one event adds."""
        if type(event) is Delta:
            if event.block in self._thoughts:
                self._thoughts[event.block].append(event.text)
            head, tail = self._around[event.block]
            if event.logprobs is not None:
                tail = _LOGPROBS % bytes(event.logprobs) + self._usage_tail
            return head + _encode(event.text) + tail
        if type(event) is Closed:
            return b""
        return _WRITERS[type(event)](self, event)

    def _begin(self, begin: Begin) -> bytes:
        answering = self._answering
        head: dict[str, Any] = {
            "id": begin.id or answering.id,
            "object": "chat.completion.chunk",
            "created": begin.created_s if begin.created_s is not None else answering.now_s,
            "model": begin.model or answering.model,
        }
        if begin.service_tier in SERVICE_TIERS:
            head["service_tier"] = begin.service_tier
        self._head = b"data: " + _encode(head)[:-1]
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def _chunk(self, delta: dict[str, Any], word: str | None = None, native: str | None = None) -> bytes:
        choice: dict[str, Any] = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": word}
        if native is not None:
            choice[finishes.NATIVE] = native
        return self._head + b',"choices":[' + _encode(choice) + b"]" + self._usage_tail

    def _opened(self, opened: Opened) -> bytes:
        start = self._head + b',"choices":[{"index":0,"delta":'
        tail = b',"logprobs":null,"finish_reason":null}]' + self._usage_tail
        member = _MEMBERS.get(opened.kind)
        if member is not None:
            if opened.kind == "reasoning":
                self._thoughts[opened.block] = []
            self._around[opened.block] = start + member, b"}" + tail
            return b""
        index = self._calls
        self._calls += 1
        is_custom = opened.kind == "custom_call"
        word, text = ("custom", "input") if is_custom else ("function", "arguments")
        head = start + f'{{"tool_calls":[{{"index":{index},"{word}":{{"{text}":'.encode()
        self._around[opened.block] = head, b"}}]}" + tail
        call = {"index": index, "id": opened.call_id, "type": word, word: {"name": opened.name, text: ""}}
        return self._chunk({"tool_calls": [call]})

    def _sealed(self, sealed: Sealed) -> bytes:
        # A proof holds only for the whole text, which the deltas gave piece by piece.
        text = "".join(self._thoughts.get(sealed.block, ()))
        proof = Reasoning(text, sealed.seal, sealed.maker, sealed.is_hidden)
        details = written_details(proof, self._seals)
        self._seals += 1
        return self._chunk({"reasoning_details": details})

    def _finished(self, finished: Finished) -> bytes:
        word, native = finishes.to_chat(finished.finish.reason)
        last = self._chunk({}, word, native)
        if self._answering.echo.wants_usage and finished.usage is not None:
            counts = _encode(usage.to_chat(finished.usage))
            last += self._head + b',"choices":[],"usage":' + counts + b"}\n\n"
        return last + b"data: [DONE]\n\n"

    def fail(self, members: dict[str, Any]) -> bytes:
        """The event that ends a stream that failed."""
        return b"data: " + _encode(members) + b"\n\n"


_WRITERS: dict[type, Callable[[Encoder, Any], bytes]] = {
    Begin: Encoder._begin,
    Opened: Encoder._opened,
    Sealed: Encoder._sealed,
    Finished: Encoder._finished,
}
