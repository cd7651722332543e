"""Markers for the prompt caches of providers, put into a body whose other bytes stay as they are.

Anthropic's models reuse a prompt up to a marked block, and only where something is marked:
https://docs.claude.com/en/docs/build-with-claude/prompt-caching. Other providers find common prefixes by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from plano.domain.model import Dialect, Model
from plano.domain.request import Span
from plano.wire import json_guard
from plano.wire.request_text import BYTES_PER_TOKEN

FEWEST_TOKENS = 1024
"""Of a prefix that is cached at all; the page above, "Cache limitations". Where a model wants more, it is ignored."""

_MARKER = b'"cache_control":{"type":"ephemeral"}'
_NAME = b'"cache_control"'
_ESCAPED_LETTER = re.compile(rb"\\u00[567]")
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_COMMA = re.compile(rb"[ \t\n\r]*,?[ \t\n\r]*")
_OPENING = re.compile(rb"\[[ \t\n\r]*")
_FAMILY = ("claude", "anthropic")
_SYSTEM_ROLES = ("system", "developer")
_UNMARKED = frozenset({"thinking", "redacted_thinking"})
"""Blocks that cannot be marked: the page above, "What cannot be cached"."""

Edit = tuple[int, int, bytes]
"""Start and end of bytes in a body, and what replaces them."""


def takes_markers(model: Model, spoken: Dialect) -> bool:
    """Does a marker in that dialect reach a model that needs one?"""
    if spoken is Dialect.OPENAI_CHAT:
        name = model.upstream_id.lower()
        return model.endpoint.chat_cache_markers and any(word in name for word in _FAMILY)
    return spoken is Dialect.ANTHROPIC_MESSAGES


def is_marked(body: bytes) -> bool:
    """Did the caller place a marker of its own? ``body``: of any dialect, one that ``json_guard.loads`` accepted."""
    if _NAME not in body and _ESCAPED_LETTER.search(body) is None:
        return False
    return any(one.get("cache_control") is not None for one in _markable(msgspec.json.decode(body)))


def marked(body: bytes, dialect: Dialect, *, from_tokens: int) -> bytes:
    """The body with markers; the same object where there is no place for one, or too little to cache.

    ``body``: one without markers that ``json_guard.loads`` accepted. ``from_tokens``: of system prompts and tools
    together. Never raises: a body that is wrong in its dialect is marked as far as it can be read.
    """
    members = {name: value for name, (_, value) in json_guard.member_spans(body).items()}
    prefix, place = _PLACES[dialect]
    try:
        if prefix(body, members) // BYTES_PER_TOKEN < max(from_tokens, FEWEST_TOKENS):
            return body
        edits = sorted(place(body, members))
    except msgspec.DecodeError:
        return body
    parts, at = [], 0
    for start, end, new in edits:
        parts += [body[at:start], new]
        at = end
    return b"".join((*parts, body[at:])) if edits else body


Members = Mapping[str, Span]


def _messages_prefix(body: bytes, members: Members) -> int:
    """Bytes of system prompts and tools."""
    return _text_bytes(_value(body, members, "system")) + _tool_bytes(_value(body, members, "tools"))


def _chat_prefix(body: bytes, members: Members) -> int:
    system = [one.get("content") for one in _objects(_value(body, members, "messages")) if _is_system(one)]
    return sum(map(_text_bytes, system)) + _tool_bytes(_value(body, members, "tools"))


def _messages_places(body: bytes, members: Members) -> Iterator[Edit]:
    """At the end of the system prompts, of the tools where there are none, and at the end of the conversation."""
    system = _last_block(body, members.get("system"))
    tools = members.get("tools")
    if system is not None:
        yield system
    elif tools is not None and (last := _last(body, tools)) is not None:
        tool = msgspec.json.decode(body[slice(*last)])
        if isinstance(tool, dict) and not tool.get("defer_loading"):
            yield _into(last)
    messages = members.get("messages")
    last = None if messages is None else _last(body, messages)
    said = None if last is None else _last_block(body, _content(body, last))
    if said is not None:
        yield said


def _chat_places(body: bytes, members: Members) -> Iterator[Edit]:
    """At the last text of the first system prompt, of the first message where there is none."""
    messages = _value(body, members, "messages")
    if not isinstance(messages, list) or not messages:
        return
    index = next((place for place, one in enumerate(messages) if isinstance(one, dict) and _is_system(one)), 0)
    spans = _items(body, members["messages"])
    content = _content(body, next(span for place, span in enumerate(spans) if place == index))
    if content is None or body[content[0] : content[0] + 1] != b"[":
        edit = _last_block(body, content)
        if edit is not None:
            yield edit
        return
    texts = [span for span in _items(body, content) if _is_text(msgspec.json.decode(body[slice(*span)]))]
    if texts:
        yield _into(texts[-1])


_PLACES: Mapping[Dialect, tuple[Callable[[bytes, Members], int], Callable[[bytes, Members], Iterator[Edit]]]] = {
    Dialect.ANTHROPIC_MESSAGES: (_messages_prefix, _messages_places),
    Dialect.OPENAI_CHAT: (_chat_prefix, _chat_places),
}


def _last_block(body: bytes, content: Span | None) -> Edit | None:
    """The marker of a content: of its text, which becomes a block, or of its last block. None where none may be."""
    if content is None:
        return None
    start, end = content
    if body[start : start + 1] == b'"':
        text = body[start:end]
        return (start, end, b'[{"type":"text","text":' + text + b"," + _MARKER + b"}]") if text != b'""' else None
    last = _last(body, content) if body[start : start + 1] == b"[" else None
    if last is None:
        return None
    block = msgspec.json.decode(body[slice(*last)])
    if not isinstance(block, dict) or block.get("type") in _UNMARKED or block.get("text") == "":
        return None
    return _into(last)


def _into(item: Span) -> Edit:
    """The marker as a further member of an object, which has one already."""
    end = item[1] - 1
    return end, end, b"," + _MARKER


def _content(body: bytes, message: Span) -> Span | None:
    """The value of ``content`` of a message."""
    start, end = message
    if body[start : start + 1] != b"{":
        return None
    found = json_guard.member_spans(body[start:end]).get("content")
    return None if found is None else (start + found[1][0], start + found[1][1])


def _last(body: bytes, items: Span) -> Span | None:
    """The last item of a list."""
    spans = tuple(_items(body, items))
    return spans[-1] if spans else None


def _items(body: bytes, items: Span) -> Iterator[Span]:
    """The items of a list. Raises DecodeError when it is none."""
    start, end = items
    opening = _OPENING.match(body, start, end)
    at = start if opening is None else opening.end()
    for raw in _ITEMS.decode(memoryview(body)[start:end]):
        stop = at + len(memoryview(raw))
        yield at, stop
        comma = _COMMA.match(body, stop)
        assert comma is not None
        at = comma.end()


def _value(body: bytes, members: Members, name: str) -> Any:
    """The value of a member, None when it is not there."""
    span = members.get(name)
    return None if span is None else msgspec.json.decode(memoryview(body)[slice(*span)])


def _text_bytes(content: Any) -> int:
    if isinstance(content, str):
        return len(content.encode())
    texts = [one.get("text") for one in _objects(content)]
    return sum([len(text.encode()) for text in texts if isinstance(text, str)])


def _tool_bytes(tools: Any) -> int:
    """Bytes of names, descriptions and schemas."""
    size = 0
    for tool in _objects(tools):
        function = tool.get("function")
        said = function if isinstance(function, dict) else tool
        size += sum([_text_bytes(said.get(name)) for name in ("name", "description")])
        schema = said.get("input_schema", said.get("parameters"))
        size += 0 if schema is None else len(json_guard.dumps(schema))
    return size


def _markable(document: Any) -> Iterator[dict[str, Any]]:
    """Every object of a request that may hold a marker: itself, its system blocks, tools, messages, their parts."""
    yield document
    yield from _objects(document.get("tools"))
    said = [*_objects(document.get("system")), *_objects(document.get("messages")), *_objects(document.get("input"))]
    while said:
        one = said.pop()
        yield one
        said += _objects(one.get("content"))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _is_system(message: Mapping[str, Any]) -> bool:
    return message.get("role") in _SYSTEM_ROLES


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "text" and part.get("text") != ""
