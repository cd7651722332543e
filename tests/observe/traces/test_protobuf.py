"""The wire format: what the library of protobuf reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from plano.observe.traces.protobuf import Key, field, varint

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
WHOLE = st.integers(-(2**63), 2**63 - 1)


def read(written: bytes) -> KeyValue:
    """The one attribute of a resource, whose field 1 holds them; written in as few bytes as there can be."""
    resource = Resource.FromString(written)
    assert resource.ByteSize() == len(written)
    assert len(resource.attributes) == 1
    found: KeyValue = resource.attributes[0]
    return found


@given(NAME, TEXT, WHOLE, st.floats(allow_nan=False), st.booleans())
def test_attributes(name: str, text: str, whole: int, double: float, truth: bool) -> None:
    """Names and values of every kind, as they were."""
    key = Key(1, name)
    written = (key.text(text), key.whole(whole), key.double(double), key.truth(truth))
    values = [read(each) for each in written]
    assert {each.key for each in values} == {name}
    assert [each.value for each in values] == [
        AnyValue(string_value=text),
        AnyValue(int_value=whole),
        AnyValue(double_value=double),
        AnyValue(bool_value=truth),
    ]


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "00"), (127, "7f"), (128, "8001"), (300, "ac02"), (16384, "808001"), (-1, "ff" * 9 + "01")],
)
def test_varint(number: int, written: str) -> None:
    """Seven bits a byte, the lowest first: 300 is the example of the format's page."""
    assert varint(number).hex() == written


def test_half_a_character() -> None:
    """It cannot be encoded, and is no reason to lose a span."""
    assert read(Key(1, "k").text("a\ud800")).value.string_value == "a?"


def test_long_ones() -> None:
    """Lengths of more than one byte."""
    assert read(Key(1, "k" * 300).text("v" * 70_000)).value.string_value == "v" * 70_000
    assert field(2, b"x" * 200)[:3].hex() == "12c801"
