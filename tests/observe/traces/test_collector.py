"""Spans at a receiver of OTLP: what it is sent, over which connection."""

from __future__ import annotations

import msgspec

from plano.observe.entry import Entry
from plano.observe.traces.collector import Collector
from plano.observe.traces.exporter import Delivery
from plano.observe.traces.spans import Spans

from .receiver import receiving
from .samples import whole


def made(number: int = 1, **changes: object) -> Entry:
    """An entry with a span."""
    return msgspec.structs.replace(whole(), span_id=f"{number:016x}", **changes)


def test_a_connection_that_the_receiver_closed() -> None:
    """Replaced, without a loss."""
    with receiving() as receiver:
        collector = Collector(receiver.url, Spans({}), version="1")
        assert collector.send([made(1)]) == Delivery(1)
        assert collector._connection is not None
        if collector._connection.sock is not None:
            collector._connection.sock.close()
        assert collector.send([made(2)]) == Delivery(1)
        collector.close()


def test_trouble_in_a_word() -> None:
    """The status of a receiver that refuses; the kind of failure of one that is not there."""
    with receiving() as receiver:
        receiver.status = 503
        collector = Collector(receiver.url, Spans({}), version="1")
        assert collector.send([made(1)]) == Delivery(0, "503")
        collector.close()
    assert Collector("http://127.0.0.1:1", Spans({}), version="1").send([made()]) == Delivery(
        0, "ConnectionRefusedError"
    )


def test_what_cannot_be_written_costs_no_other() -> None:
    """It is left out alone; half a character in a name is no such thing. Nothing at all is no body."""
    with receiving() as receiver:
        collector = Collector(receiver.url, Spans({}), version="1")
        assert collector.send([made(1, trace_id="no hex"), made(2, model="a\ud800")]) == Delivery(1)
        spans = receiver.batches.get(timeout=20)
        assert {span.span_id for span in spans if span.kind == "server"} == {f"{2:016x}"}
        assert spans[0].attributes["model.requested"] == r"a\ud800"
        assert collector.send([made(1, trace_id="no hex")]) == Delivery(0)
        assert receiver.batches.empty()
        collector.close()
