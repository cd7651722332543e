"""Spans as JSON: what a strict reader of the protocol reads back."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from plano.observe.traces.otlp import REMEMBERED, Writer
from plano.observe.traces.spans import Span, Value

from .receiver import Request, SpanSent

TRACE_ID, ID, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "1" * 16, "2" * 16
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def sent(*spans: Span) -> list[SpanSent]:
    """What a receiver reads."""
    request = msgspec.json.decode(Writer(version="1").write(spans), type=Request)
    (resource,) = request.resourceSpans
    assert {each.key: each.value.value for each in resource.resource.attributes} == {
        "service.name": "plano",
        "service.version": "1",
    }
    return resource.scopeSpans[0].spans


def span(name: str = "n", attributes: dict[str, Value] | None = None, error: str | None = None) -> Span:
    """A span of half a second."""
    return Span(TRACE_ID, ID, PARENT, name, "client", 10.0, 10.5, attributes or {}, error)


VALUES = TEXT | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)


@given(TEXT, st.dictionaries(TEXT, VALUES), st.none() | TEXT)
def test_whatever_stands_in_a_span_reads_back(name: str, attributes: dict[str, Value], error: str | None) -> None:
    """Names, values of every type, and errors: quotes, line ends and control marks included."""
    (read,) = sent(span(name, attributes, error))
    assert read.name == name
    assert read.values == attributes
    assert [type(value) for value in read.values.values()] == [type(value) for value in attributes.values()]
    assert (read.status.code, read.status.message) == ((0, "") if error is None else (2, error))


def test_ids_and_times() -> None:
    """Ids as hex, times in nanoseconds as text; a span that ends before it begins has no length."""
    (read,) = sent(span())
    assert (read.traceId, read.spanId, read.parentSpanId, read.kind) == (TRACE_ID, ID, PARENT, 3)
    assert (read.startTimeUnixNano, read.endTimeUnixNano) == ("10000000000", "10500000000")
    (backwards,) = sent(msgspec.structs.replace(span(), ended_s=9.0))
    assert backwards.endTimeUnixNano == backwards.startTimeUnixNano
    (root,) = sent(msgspec.structs.replace(span(), parent_id=None))
    assert root.parentSpanId == ""


def test_what_is_remembered_is_bounded() -> None:
    """A caller who makes up header names makes nothing grow."""
    writer = Writer(version="1")
    for number in range(REMEMBERED + 7):
        writer.write([span(attributes={f"a{number}": 1, "long": "x" * 1000})])
    assert len(writer._known) <= REMEMBERED


def test_what_is_remembered_is_told_apart_by_type() -> None:
    """1, 1.0 and true are three values."""
    spans = [span(attributes={"a": value}) for value in (1, True, 1.0, True, 1)]
    assert [repr(read.values["a"]) for read in sent(*spans)] == ["1", "True", "1.0", "True", "1"]


def test_what_a_translation_lost_is_an_event_each() -> None:
    """At the beginning of the span, in the order in which it came up; a span without losses has no events."""
    (read,) = sent(msgspec.structs.replace(span(), losses=('top_k: dropped, "no" such setting', "seed: dropped")))
    assert [each.attributes[0].value.value for each in read.events] == [
        'top_k: dropped, "no" such setting',
        "seed: dropped",
    ]
    assert {(each.name, each.timeUnixNano, len(each.attributes)) for each in read.events} == {
        ("plano.translation.loss", "10000000000", 1)
    }
    assert sent(span())[0].events == []
