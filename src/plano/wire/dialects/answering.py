"""What the translator of an answer is told beside the answer, and how the upstream's JSON is read.

The shapes forbid unknown members, which costs nothing while there are none. Where there are, the document is walked
once along its shape, and every member that says something is noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import inspect

from plano.errors import PlanoError
from plano.wire.canonical.echo import Echo
from plano.wire.canonical.notes import Notes
from plano.wire.dialects.reading import BadAnswer, wrong

Shape = TypeVar("Shape")

_NO_ECHO = Echo()
_encode = msgspec.json.Encoder().encode
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])

Scalar = str | int | float | bool | None
"""A member that is known and not read: faster than one that may be anything."""

Kinds = Mapping[str, tuple[str, ...]]
"""Places of parts, with the types of those that are read: what stands in any other is no loss beside the part."""

_NO_KINDS: Kinds = {}
_NOT_SAID = "not_available"
"""Where Anthropic does not tell where an answer was made (``usage.inference_geo``)."""


class Answering(msgspec.Struct, frozen=True, gc=False):
    """``provider``: who answers, and made the proofs. ``echo``: from the translation of the request.

    ``model``, ``id`` and ``now_s`` (seconds since the epoch) stand in where the upstream names none.
    """

    provider: str
    model: str
    id: str
    now_s: int
    echo: Echo = _NO_ECHO


class _Known:
    """The members that a shape has. ``inner``: those that are looked into."""

    __slots__ = ("inner", "members")

    def __init__(self, shape: inspect.StructType) -> None:
        known = {field.encode_name: _known(field.type) for field in shape.fields}
        self.members = frozenset(known)
        self.inner = {name: inner for name, inner in known.items() if inner is not None}


def _known(info: inspect.Type) -> _Known | None:
    for each in info.types if isinstance(info, inspect.UnionType) else (info,):
        if isinstance(each, inspect.StructType):
            return _Known(each)
        if isinstance(each, inspect.VarTupleType):
            return _known(each.item_type)
    return None


class AnswerReader(Generic[Shape]):
    """Reads one shape of what upstreams say. ``kinds``: see ``Kinds``."""

    __slots__ = ("_kinds", "_known", "decode")

    def __init__(self, shape: type[Shape], kinds: Kinds = _NO_KINDS) -> None:
        self.decode = msgspec.json.Decoder(shape).decode
        known = _known(inspect.type_info(shape))
        assert known is not None
        self._known = known
        self._kinds = kinds

    def read(self, body: bytes, notes: Notes) -> Shape:
        """The value of a whole answer. Raises BadAnswer with the place of what is wrong."""
        try:
            return self.decode(body)
        except msgspec.ValidationError:
            pass
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadAnswer("the provider's answer is not valid JSON") from None
        strange: list[str] = []
        try:
            value = self.decode(self._within(msgspec.Raw(body), self._known, "", strange))
        except msgspec.ValidationError as error:
            raise bad(wrong(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadAnswer("the provider's answer is not valid JSON") from None
        for path in strange:
            notes.member(path)
        return value

    def read_event(self, data: bytes) -> tuple[Shape, list[str]]:
        """The value of an event that may have members beyond the shape, and where those stand that say something.

        Some hosts have such members in every event, so this must be quick. Raises what ``decode`` does, for any other
        mistake.
        """
        strange: list[str] = []
        try:
            document = msgspec.json.decode(data)
            self._prune(document, self._known, "", strange)
            return self.decode(_encode(document)), strange
        except (msgspec.DecodeError, OverflowError):
            # Numbers beyond those of machines; the exact way tells what else is wrong.
            strange = []
            return self.decode(self._within(msgspec.Raw(data), self._known, "", strange)), strange

    def _prune(self, value: Any, known: _Known, path: str, strange: list[str]) -> None:
        """Takes out of ``value`` what its shape does not know."""
        if type(value) is list:
            for one in value:
                self._prune(one, known, f"{path}[]", strange)
        elif type(value) is dict:
            beyond = value.keys() - known.members
            if beyond:
                kinds = self._kinds.get(path)
                is_read = kinds is None or value.get("type", kinds[0]) in kinds
                said = [name for name in sorted(beyond) if _is_something(value.pop(name)) and is_read]
                strange += [f"{path}.{name}" if path else name for name in said]
            for name, inner in known.inner.items():
                if value.get(name):
                    self._prune(value[name], inner, f"{path}.{name}" if path else name, strange)

    def _within(self, raw: msgspec.Raw, known: _Known | None, path: str, strange: list[str]) -> msgspec.Raw:
        """The document without the members that its shape does not know; all others keep their bytes."""
        start = bytes(memoryview(raw)[:8]).lstrip()[:1]
        if known is None or start not in (b"[", b"{"):
            return raw
        if start == b"[":
            return msgspec.Raw(_encode([self._within(one, known, f"{path}[]", strange) for one in _ITEMS.decode(raw)]))
        members = _MEMBERS.decode(raw)
        kinds = self._kinds.get(path)
        is_read = kinds is None or "type" not in members or _text(members["type"]) in kinds
        kept = {}
        for name, value in members.items():
            place = f"{path}.{name}" if path else name
            if name in known.members:
                kept[name] = self._within(value, known.inner.get(name), place, strange if is_read else [])
            elif is_read and says_something(value):
                strange.append(place)
        return msgspec.Raw(_encode(kept))


def _text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode("utf-8", "replace").strip('"')


def says_something(raw: msgspec.Raw) -> bool:
    """Is there more in it than nulls, zeros and empty texts and lists? Those are what is not there, written down."""
    try:
        return _is_something(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True


def _is_something(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_something, value.values()))
    if isinstance(value, list):
        return any(map(_is_something, value))
    return bool(value) and value != _NOT_SAID


def bad(error: PlanoError) -> BadAnswer:
    """The mistake as one of the upstream."""
    return BadAnswer(f"the provider's answer has the wrong shape: {error.message}", param=None)
