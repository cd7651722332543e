"""Typed reading: places of mistakes, and fields outside the shapes."""

from __future__ import annotations

import msgspec
import pytest

from plano.errors import InvalidJson, InvalidRequest
from plano.wire.dialects.reading import NULL, Reader, filled_list, generic, given


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    raw: msgspec.Raw = NULL


class Outer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: str | tuple[Inner, ...]
    one: Inner | None = None


READER = Reader(Outer)


def test_what_fits_is_read() -> None:
    """Nothing strange, and what is only carried keeps its bytes."""
    read, strange = READER.read(b'{"items": [{"text": "a", "raw": {"b": 1.0}}]}')
    assert strange == ()
    assert bytes(read.items[0].raw) == b'{"b": 1.0}'  # type: ignore[union-attr]


def test_strange_fields_are_listed_with_their_places() -> None:
    """At every depth, through lists and unions; what is carried is not looked into, and null is nothing."""
    items = b'[{"text": "a", "x": {"y": 1}}, {"text": "b", "raw": {"z": 1}}]'
    body = b'{"items": ' + items + b', "one": {"text": "", "w": 1}, "v": [], "u": null}'
    read, strange = READER.read(body)
    assert strange == ("items[0].x", "one.w", "v")
    assert bytes(read.items[1].raw) == b'{"z":1}'  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "param", "said"),
    [
        (b"{}", "items", "items: is required"),
        (b'{"items": [{}]}', "items[0].text", "is required"),
        (b'{"items": [{"text": 1}]}', "items[0].text", "must be a string, not an integer"),
        (b'{"items": [{"text": 1}], "odd": 1}', "items[0].text", "must be a string"),
        (b'{"items": {}}', "items", "must be a string or a list, not an object"),
        (b"[]", None, "the body must be an object, not a list"),
    ],
)
def test_mistakes_have_places(body: bytes, param: str | None, said: str) -> None:
    """In words of JSON, with the path of the field."""
    with pytest.raises(InvalidRequest, match=said) as caught:
        READER.read(body)
    assert caught.value.param == param


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"items": ' + b"[" * 200_000])
def test_what_is_no_json(body: bytes) -> None:
    """Never another exception."""
    with pytest.raises((InvalidJson, InvalidRequest)):
        READER.read(body)


def test_carried_values() -> None:
    """null and nothing are the same."""
    assert given(NULL) is None
    assert given(msgspec.Raw(b"null")) is None
    assert given(msgspec.Raw(b"0")) is not None
    assert filled_list(()) is None
    assert filled_list(None) is None
    assert filled_list((msgspec.Raw(b'{"a": 1}'),)) == msgspec.Raw(b'[{"a": 1}]')


def test_generic_paths() -> None:
    """Any index is ``[]``."""
    assert generic("a[1].b[20].c") == "a[].b[].c"
