"""Spans in protobuf: what OpenTelemetry's own classes read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.observe.traces import otlp
from plano.observe.traces.otlp import family, fixed, over_http, request
from plano.observe.traces.span import LONGEST_VALUE, Kind, Value

from .receiver import Sent, spans_in

TRACE_ID, ID, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "1" * 16, "2" * 16
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
VALUES = TEXT | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)


def sent(said: bytes, *, parent: str | None = PARENT) -> Sent:
    """What a receiver reads of a span of half a second."""
    began, ended = (moment.to_bytes(8, "little") for moment in (10_000_000_000, 10_500_000_000))
    own = family(bytes.fromhex(TRACE_ID), bytes.fromhex(parent or "")) + bytes.fromhex(ID)
    span = own + otlp.BEGAN + began + otlp.ENDED + ended + said
    (read,) = spans_in(request([otlp.before_span(len(span)), span], version="1"))
    return read


@given(NAME, st.dictionaries(NAME, VALUES), st.none() | NAME)
def test_whatever_stands_in_a_span_reads_back(name: str, values: dict[str, Value], error: str | None) -> None:
    """Names, values of every type, and errors: quotes, line ends and control marks included."""
    read = sent(fixed(name, "client", values, error=error))
    assert (read.name, read.attributes, read.error) == (name, values, error)
    assert [type(value) for value in read.attributes.values()] == [type(value) for value in values.values()]


def test_ids_and_times() -> None:
    """As they were given; a span without a parent has none."""
    read = sent(fixed("n", "client", {}))
    assert (read.trace_id, read.span_id, read.parent_id) == (TRACE_ID, ID, PARENT)
    assert (read.began_ns, read.ended_ns) == (10_000_000_000, 10_500_000_000)
    assert sent(fixed("n", "client", {}), parent=None).parent_id is None


@pytest.mark.parametrize("kind", ["internal", "server", "client"])
def test_kinds(kind: Kind) -> None:
    """By the protocol's numbers."""
    assert sent(fixed("n", kind, {})).kind == kind


def test_what_is_unknown_is_left_out_and_what_is_long_is_cut() -> None:
    """Attributes without a value have no place; a text has a thousand characters at most."""
    read = sent(fixed("x" * 5_000, "client", {"a": None, "b": "x" * 5_000}))
    assert read.attributes == {"b": "x" * LONGEST_VALUE}
    assert read.name == "x" * LONGEST_VALUE


def test_the_port_of_grpc() -> None:
    """A file written for gRPC is sent over HTTP, to the port beside it."""
    assert over_http("http://collector:4317") == "http://collector:4318"
    assert over_http("http://collector:4317/") == "http://collector:4318"
    assert over_http("https://collector:9999") == "https://collector:9999"
    assert over_http("http://collector:4317/otlp") == "http://collector:4318/otlp"
    assert over_http("http://[::1]:4317") == "http://[::1]:4318"
    assert over_http("http://collector") == "http://collector"
