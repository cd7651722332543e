"""Typed reading of bodies: a mistake names its place, and a field that no shape knows is found, not lost.

The shapes forbid unknown fields, which costs nothing while there are none. Where there are, the document is walked
once along its shape, the unknown fields are taken out and listed, and what is left is read again.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import inspect

from plano.errors import InvalidJson, InvalidRequest, PlanoError

Shape = TypeVar("Shape")

_PLACE = re.compile(r"^(.*?)(?: - at `(?:key in )?\$\.?(.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_INDEX = re.compile(r"\[\d+\]")
_WORDS = {"str": "a string", "int": "an integer", "float": "a number", "bool": "true or false", "array": "a list",
          "object": "an object", "null": "null"}  # fmt: skip
_WORD = "Invalid enum value"
_STEP = re.compile(r"([^.\[\]]+)|(\[\d+\])")
_TYPES = re.compile(r"Expected `(.*?)`, got `(.*?)`")


BRACE = (b"{",)
FIRST = struct.Struct("c").unpack_from
"""The first byte of what is only carried, as a tuple of one: the cheapest look into it."""

NULL = msgspec.Raw(b"null")
"""The default of what is only carried: msgspec has no union with Raw."""


def given(raw: msgspec.Raw) -> msgspec.Raw | None:
    """What is carried, None for null and for nothing."""
    return None if raw is NULL or raw == NULL else raw


def given_object(raw: msgspec.Raw, name: str) -> msgspec.Raw | None:
    """What is carried where an object must stand, None for null and for nothing. Raises InvalidRequest."""
    if raw is NULL:
        return None
    if FIRST(raw) != BRACE:
        if raw == NULL:
            return None
        raise InvalidRequest(f"{name}: must be an object", param=name)
    return raw


def filled_list(items: tuple[msgspec.Raw, ...] | None) -> msgspec.Raw | None:
    """A list of things that are only carried; None unless there is something in it."""
    return msgspec.Raw(msgspec.json.encode(items)) if items else None


class BadAnswer(PlanoError):
    """The upstream's answer does not have the shape of its dialect; nothing may be made up in its place."""

    status = 502
    code = "upstream_invalid_response"


def one_of(words: Iterable[str]) -> str:
    """The words that may stand at a place, as a mistake lists them."""
    shown = [f"'{word}'" for word in words]
    return shown[0] if len(shown) == 1 else f"one of {', '.join(shown)}"


class Reader(Generic[Shape]):
    """Reads one shape. ``at``: where in the body it stands, nothing for the body itself."""

    __slots__ = ("_at", "_decoder", "_info")

    def __init__(self, shape: type[Shape], *, at: str = "") -> None:
        self._decoder = msgspec.json.Decoder(shape)
        self._info = inspect.type_info(shape)
        self._at = at

    def read(self, body: bytes | msgspec.Raw) -> tuple[Shape, tuple[str, ...]]:
        """The value, and the exact places of fields that the shape does not know.

        Raises InvalidRequest with the place of a mistake, or InvalidJson.
        """
        try:
            return self._decoder.decode(body), ()
        except msgspec.ValidationError:
            return self._read_slowly(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InvalidJson("the body is not valid JSON") from None

    def _read_slowly(self, body: bytes | msgspec.Raw) -> tuple[Shape, tuple[str, ...]]:
        strange: list[str] = []
        try:
            document = msgspec.json.decode(body)
            _prune(document, self._info, self._at, strange)
            return self._decoder.decode(msgspec.json.encode(document)), tuple(strange)
        except msgspec.ValidationError as error:
            raise wrong(error, self._info, at=self._at) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InvalidJson("the body is not valid JSON") from None


Item = TypeVar("Item")
Made = TypeVar("Made")


def read_each(name: str, items: Iterable[Item], read: Callable[[Item], Made]) -> list[Made]:
    """What ``read`` makes of each item. Raises InvalidRequest, with the place below ``name``.

    Readers name places from where they stand; the way there is only written once something is wrong.
    """
    made: list[Made] = []
    try:
        for item in items:
            made.append(read(item))  # noqa: PERF401  # how many were made says which one is wrong
    except InvalidRequest as error:
        raise below(f"{name}[{len(made)}]", error) from None
    return made


def below(path: str, error: InvalidRequest) -> InvalidRequest:
    """The same mistake, named from further above."""
    return InvalidRequest(f"{path}.{error}", param=f"{path}.{error.param}")


def needed(value: str | None, name: str) -> str:
    """The value. Raises InvalidRequest when there is none."""
    if value is None:
        raise missing(name)
    return value


def missing(name: str) -> InvalidRequest:
    """A field that must be there."""
    return InvalidRequest(f"{name}: is required", param=name)


def wrong(error: msgspec.ValidationError, info: inspect.Type | None = None, *, at: str = "") -> InvalidRequest:
    """The mistake that msgspec found, with its place. ``info``: what was read, where words are to be listed that may
    stand there. ``at``: where in the body it stands.
    """
    match = _PLACE.match(str(error))
    assert match is not None
    said, place = match.group(1), at + (match.group(2) or "")
    if info is not None and said.startswith(_WORD):
        said = f"must be {one_of(_words_at(info, match.group(2) or ''))}"
    missing = _MISSING.match(said)
    if missing is not None:
        place = f"{place}.{missing.group(1)}" if place else missing.group(1)
        return InvalidRequest(f"{place}: is required", param=place)
    types = _TYPES.match(said)
    if types is not None:
        wanted = " or ".join(
            _WORDS.get(word, word) for word in types.group(1).replace("int | float", "float").split(" | ")
        )
        said = f"must be {wanted}, not {_WORDS.get(types.group(2), types.group(2))}"
    return InvalidRequest(f"{place}: {said}" if place else f"the body {said}", param=place or None)


def _words_at(info: inspect.Type, path: str) -> list[str]:
    """The words of a shape at ``path``, as msgspec writes it."""
    found = [info]
    for name, _ in _STEP.findall(path):
        # An index is a step into a list, a name one into an object, whichever of a union has them.
        found = [inner for each in found for inner in _below(each, name)]
    words = [word for each in found for one in _alternatives(each) for word in getattr(one, "values", ())]
    return [word for word in words if isinstance(word, str)]


def _below(info: inspect.Type, name: str) -> Iterator[inspect.Type]:
    for each in _alternatives(info):
        if isinstance(each, inspect.StructType) and name:
            yield from [field.type for field in each.fields if field.encode_name == name]
        elif isinstance(each, inspect.VarTupleType) and not name:
            yield each.item_type


def _alternatives(info: inspect.Type) -> tuple[inspect.Type, ...]:
    return info.types if isinstance(info, inspect.UnionType) else (info,)


def generic(path: str) -> str:
    """The path with ``[]`` for every index."""
    return _INDEX.sub("[]", path)


def _prune(value: Any, info: inspect.Type, path: str, strange: list[str]) -> None:
    """Takes out of ``value`` the fields that its shape does not know, and lists their places."""
    members = _alternatives(info)
    if isinstance(value, dict):
        shape = next((each for each in members if isinstance(each, inspect.StructType)), None)
        if shape is not None:
            _prune_object(value, shape, path, strange)
    elif isinstance(value, list):
        items = next((each for each in members if isinstance(each, inspect.VarTupleType)), None)
        if items is not None:
            for index, item in enumerate(value):
                _prune(item, items.item_type, f"{path}[{index}]", strange)


def _prune_object(value: dict[str, Any], shape: inspect.StructType, path: str, strange: list[str]) -> None:
    fields = {field.encode_name: field.type for field in shape.fields}
    for key in list(value):
        place = f"{path}.{key}" if path else key
        if key in fields:
            _prune(value[key], fields[key], place, strange)
        elif value.pop(key) is not None:
            strange.append(place)
