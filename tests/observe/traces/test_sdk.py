"""Spans at the exporters of OpenTelemetry's SDK: what our own emitter sends, as the SDK has it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import StringIO

import msgspec
import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from plano.errors import ConfigError
from plano.observe.entry import Entry
from plano.observe.traces import sdk as module
from plano.observe.traces.collector import Collector
from plano.observe.traces.exporter import Delivery
from plano.observe.traces.sdk import SpanExporters, exporters_named
from plano.observe.traces.span import LONGEST_VALUE
from plano.observe.traces.spans import Spans
from tests.observe.samples import TRACE_ID, decision, entry, record

from .receiver import receiving, spans_in
from .samples import OWN, PARENT, whole

SPANS = Spans({"env": "prod"}, ("x-",))

KINDS = {
    "everything": {"headers": {"x-team": "blue"}, "warnings": ("top_k: dropped",), "cost_usd": 0.25},
    "no parent": {"parent_id": None, "request_id": None},
    "a failure": {"status": 503, "code": "no_candidate_available", "served_by": None},
    "no decision": {"decision": None},
    "hostile names": {"model": "a\x1b[31m\nb", "request_id": "r\ud800", "headers": {"x-a": "v" * 5_000}},
}


def kept(*entries: Entry) -> Sequence[ReadableSpan]:
    """What an exporter in memory has of these."""
    memory = InMemorySpanExporter()
    assert SpanExporters([memory], SPANS, version="1").send(entries) == Delivery(len(entries))
    return memory.get_finished_spans()


@pytest.mark.parametrize("changes", KINDS.values(), ids=KINDS)
async def test_the_same_as_our_own(changes: dict[str, object]) -> None:
    """A receiver cannot tell who sent them: ids, parents, names, kinds, times, attributes, errors and events."""
    one, posted = whole(**changes), list[bytes]()

    async def post(body: bytes) -> None:
        posted.append(body)

    assert await Collector(post, SPANS, version="1").send([one]) == Delivery(1)
    with receiving() as receiver:
        theirs = SpanExporters([OTLPSpanExporter(f"{receiver.url}/v1/traces")], SPANS, version="1")
        assert theirs.send([one]) == Delivery(1)
        theirs.close()
        assert receiver.batches.get(timeout=20) == spans_in(posted[0])


def test_spans_of_the_sdk() -> None:
    """One trace, the request's span below its caller's, with the resource and the scope of the gateway."""
    request, *children = kept(whole())
    assert request.context is not None
    assert request.parent is not None
    assert (f"{request.context.trace_id:032x}", f"{request.context.span_id:016x}") == (TRACE_ID, OWN)
    assert (f"{request.parent.span_id:016x}", request.parent.is_remote, request.kind) == (PARENT, True, SpanKind.SERVER)
    assert all(child.parent == request.context for child in children)
    assert [child.name for child in children] == ["intent", "ranking", "chat claude-x", "chat flash", "relay"]
    assert children[2].status.status_code is StatusCode.ERROR
    assert request.resource.attributes == {"service.name": "plano", "service.version": "1"}
    assert request.instrumentation_scope is not None
    assert request.instrumentation_scope.name == "plano"


def test_the_resource_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs several gateways names them the standard way."""
    monkeypatch.setenv("OTEL_SERVICE_NAME", "gateway-west")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "region=west")
    attributes = kept(whole())[0].resource.attributes
    assert (attributes["service.name"], attributes["region"]) == ("gateway-west", "west")


def test_the_console() -> None:
    """A span a document, each of which can be read; long texts are cut."""
    out = StringIO()
    exporter = ConsoleSpanExporter(out=out, formatter=lambda span: span.to_json(indent=None) + "\n")
    long = entry(record(decision("a/b", text="x" * 5_000)), keeps_text=True)
    SpanExporters([exporter], SPANS, version="1").send([msgspec.structs.replace(long, span_id=OWN)])
    request, *_ = [json.loads(line) for line in out.getvalue().splitlines()]
    assert request["context"]["trace_id"] == f"0x{TRACE_ID}"
    assert request["attributes"]["plano.router.text"] == "x" * LONGEST_VALUE


class Unwilling(SpanExporter):
    """Raises, or says that it failed."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Fails."""
        if self.error is not None:
            raise self.error
        return SpanExportResult.FAILURE


@pytest.mark.parametrize(
    ("exporter", "trouble"),
    [(Unwilling(), "Unwilling: FAILURE"), (Unwilling(ValueError("https://user:key@host")), "ValueError")],
)
def test_an_exporter_that_fails(exporter: SpanExporter, trouble: str) -> None:
    """Its batch is not taken, and the other exporter has it all the same."""
    memory = InMemorySpanExporter()
    outlet = SpanExporters([exporter, memory], SPANS, version="1")
    assert outlet.send([whole()]) == Delivery(0, trouble)
    assert len(memory.get_finished_spans()) == 6
    outlet.close()


def test_what_cannot_be_made_costs_no_other() -> None:
    """It is left out alone, as is what has no place in a trace."""
    memory = InMemorySpanExporter()
    outlet = SpanExporters([memory], SPANS, version="1")
    assert outlet.send([whole(trace_id="no hex"), whole()]) == Delivery(1)
    assert len(memory.get_finished_spans()) == 6
    assert outlet.spans_of(whole(span_id=None)) == []


def test_exporters_by_their_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are installed; one that cannot be made stops the start, without its own words."""
    console, otlp = exporters_named(("console", "otlp_proto_http"))
    assert (type(console), type(otlp)) == (ConsoleSpanExporter, OTLPSpanExporter)

    class Broken:
        """An entry point whose exporter does not come to be."""

        def load(self) -> type:
            """Fails like one whose package is broken."""
            raise ImportError("key-that-nobody-may-see")

    monkeypatch.setattr(module, "entry_points", lambda **_which: [Broken()])
    with pytest.raises(ConfigError) as caught:
        exporters_named(("other",))
    assert caught.value.message == "the exporter of spans 'other' cannot be used: ImportError"
