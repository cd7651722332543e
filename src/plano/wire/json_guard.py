"""Strict JSON in, and edits that leave every other byte as the caller wrote it.

Lenient JSON is how two readers of one body come to see two different models (duplicate keys), so the body is refused
unless every reader must agree on it: RFC 8259, UTF-8, no byte order mark, no duplicate keys at any depth, no NaN, no
lone surrogates, at most 64 levels.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from plano.domain.request import Span
from plano.errors import InvalidJson
from plano.wire import json_parts

MAX_DEPTH = 64
LARGE_BYTES = 256 * 1024
"""From here on a document is read part by part, and should be read in a thread: it takes milliseconds."""

_ANY = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode
_TOP_LEVEL = msgspec.json.Decoder(dict[str, msgspec.Raw])
_KEY = re.compile(rb'[ \t\n\r]*("[^"\\]*(?:\\.[^"\\]*)*")[ \t\n\r]*:[ \t\n\r]*', re.DOTALL)
_COLON = re.compile(rb"[ \t\n\r]*:[ \t\n\r]*")
_COMMA = re.compile(rb"[ \t\n\r]*(,?)")
_COMMA_BYTE = ord(",")
_SPACE = b" \t\n\r"
_LONGEST_NAMED = 64
_OPENING = re.compile(rb"[ \t\n\r]*\{")


def loads(body: bytes) -> Any:
    """The value of a strict JSON document.

    Raises InvalidJson with the reason. The strings of the source are counted and compared with those of the value
    written again: a duplicate key loses at least one, so the counts differ exactly then. This costs a twentieth of a
    parser with a hook per object.
    """
    try:
        return _strict(body, MAX_DEPTH) if len(body) <= LARGE_BYTES else json_parts.decode(body, MAX_DEPTH, _strict)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidJson(f"the body is not valid JSON: {_reason(body, error)}") from None
    except (RecursionError, json_parts.TooDeep):
        raise _too_deep(body) from None
    except json_parts.RepeatedKey:
        raise InvalidJson("the body is not valid JSON: an object has the same key twice") from None


def member_spans(body: bytes) -> dict[str, tuple[Span, Span]]:
    """For each member of the top-level object: the span of key with value, and the span of the value alone.

    ``body`` must be an object that ``loads`` accepted.
    """
    opening = _OPENING.match(body)
    assert opening is not None
    position = opening.end()
    spans: dict[str, tuple[Span, Span]] = {}
    for name, raw in _TOP_LEVEL.decode(body).items():
        key = _KEY.match(body, position)
        assert key is not None
        end = key.end() + len(memoryview(raw))
        spans[name] = ((key.start(1), end), (key.end(), end))
        comma = _COMMA.match(body, end)
        assert comma is not None
        position = comma.end()
    return spans


class Member:
    """One member of top-level objects, found without walking through the others where that is safe."""

    __slots__ = ("_decoder", "_name", "_quoted")

    def __init__(self, name: str) -> None:
        self._name = name
        self._quoted = b'"' + name.encode() + b'"'
        envelope = msgspec.defstruct("Envelope", [("value", msgspec.Raw)], rename={"value": name})
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(envelope)

    def spans(self, body: bytes) -> tuple[Span, Span]:
        """The span of key with value, and the span of the value alone.

        ``body`` must be an object that ``loads`` accepted and that has the member. Where no character is escaped by
        number, a name that stands in quotes only once in the whole body is the member itself. This costs a fourth of
        ``member_spans``, and nearly every body allows it.
        """
        quoted = self._quoted
        start = body.find(quoted)
        if body.rfind(quoted) != start or (b"\\" in body and b"\\u" in body):
            return member_spans(body)[self._name]
        colon = _COLON.match(body, start + len(quoted))
        assert colon is not None
        at = colon.end()
        end = _plain_text_end(body, at) or at + len(memoryview(self._decoder.decode(body).value))
        return (start, end), (at, end)


def _plain_text_end(body: bytes, at: int) -> int:
    """Where the text value at ``at`` ends, 0 when there is none or it holds an escape."""
    if body[at : at + 1] != b'"':
        return 0
    end = body.find(b'"', at + 1) + 1
    return end if body.find(b"\\", at, end) < 0 else 0


def removal_span(body: bytes, member: Span) -> Span:
    """The span to cut so that the member and the one comma that belongs to it are gone."""
    start, end = member
    # Byte by byte: nearly always the first one that is looked at decides.
    after, before = end, start - 1
    while body[after] in _SPACE:
        after += 1
    if body[after] == _COMMA_BYTE:
        return start, after + 1
    while body[before] in _SPACE:
        before -= 1
    return (before, end) if body[before] == _COMMA_BYTE else (start, end)


def dumps(value: Any) -> bytes:
    """Compact JSON, keys in the order given."""
    return msgspec.json.encode(value)


def _strict(body: bytes, levels: int) -> Any:
    value = _ANY.decode(body)
    if body.count(b"{") + body.count(b"[") > levels and _depth(value) > levels:
        raise json_parts.TooDeep
    if not json_parts.keeps_strings(body, _encode(value)):
        raise json_parts.RepeatedKey
    return value


def _too_deep(body: bytes) -> InvalidJson:
    """Says, where it can be told, which member of the body is the deep one."""
    said = f"the body is nested deeper than {MAX_DEPTH} levels"
    for name, raw in _members(body):
        try:
            is_deep = _depth(_ANY.decode(raw)) >= MAX_DEPTH
        except RecursionError:
            is_deep = True
        if is_deep and name.isidentifier() and len(name) <= _LONGEST_NAMED:
            return InvalidJson(f"{name}: {said}", param=name)
    return InvalidJson(said)


def _members(body: bytes) -> list[tuple[str, msgspec.Raw]]:
    """The members of the body; none where it is no object, or too deep to be looked at."""
    try:
        return list(_TOP_LEVEL.decode(body).items())
    except (msgspec.DecodeError, RecursionError):
        return []


def _depth(value: Any) -> int:
    """Levels of containers."""
    depth = 0
    level = [value] if isinstance(value, dict | list) else []
    while level:
        depth += 1
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
    return depth


def _reason(body: bytes, error: Exception) -> str:
    if not body.strip():
        return "it is empty"
    if body.startswith(b"\xef\xbb\xbf"):
        return "it begins with a byte order mark"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return str(error).removeprefix("JSON is malformed: ").partition(" - at ")[0]
