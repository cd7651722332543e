"""Hands spans to the exporters of OpenTelemetry's SDK, which is installed where the configuration asks for it.

Spans are made finished, of what was measured; no tracer of the SDK ever runs.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import entry_points
from typing import Final

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from plano.config.span_exporters import GROUP
from plano.errors import ConfigError
from plano.observe.entry import Entry
from plano.observe.traces.exporter import Delivery
from plano.observe.traces.measured import Numbers, moments_of, numbers_of
from plano.observe.traces.span import Kind, Span, Value, told
from plano.observe.traces.spans import Spans

_KINDS: Final[dict[Kind, SpanKind]] = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
}
_ID_BYTES = 8


class SpanExporters:
    """Makes spans of the SDK of entries and hands each batch to every one of ``exporters``.

    A resource of the environment (OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME) is added to Plano's own.
    """

    def __init__(self, exporters: Sequence[SpanExporter], spans: Spans, *, version: str) -> None:
        self._exporters = tuple(exporters)
        self._spans = spans
        self._resource = Resource({"service.name": "plano", "service.version": version}).merge(
            OTELResourceDetector().detect()
        )
        self._scope = InstrumentationScope("plano", version)

    def send(self, batch: Sequence[Entry]) -> Delivery:
        """Hands on the spans of these requests: taken where every exporter took them."""
        written = []
        for entry in batch:
            with suppress(Exception):
                written.append(self.spans_of(entry))
        spans = [span for each in written for span in each]
        troubles = [trouble for each in self._exporters if spans and (trouble := _trouble(each, spans)) is not None]
        return Delivery(0, ", ".join(troubles)) if troubles else Delivery(len(written))

    def close(self) -> None:
        """Shuts the exporters down."""
        for each in self._exporters:
            with suppress(Exception):
                each.shutdown()

    def spans_of(self, entry: Entry) -> list[ReadableSpan]:
        """The spans of a request, its own first; ids, parents, times and attributes are those that OTLP is sent."""
        if entry.span_id is None:
            return []
        trace_id, own_id = int(entry.trace_id, 16), bytes.fromhex(entry.span_id)
        numbers, moments = numbers_of(entry), moments_of(entry, int.from_bytes(own_id, "little"))
        above = None if entry.parent_id is None else _context(trace_id, bytes.fromhex(entry.parent_id), is_remote=True)
        below = _context(trace_id, own_id)
        made = []
        for place, span in enumerate(self._spans.of(entry, numbers)):
            own_id_number, began, ended = moments[3 * place : 3 * place + 3]
            context = _context(trace_id, own_id_number.to_bytes(_ID_BYTES, "little"))
            more = {} if place else self._spans.own(entry)
            attributes = _attributes(span, numbers, more)
            made.append(self._made(span, (context, below if place else above), (began, ended), attributes))
        return made

    def _made(
        self,
        span: Span,
        contexts: tuple[SpanContext, SpanContext | None],
        moments: tuple[int, int],
        attributes: dict[str, Value],
    ) -> ReadableSpan:
        return ReadableSpan(
            told(span.name),
            context=contexts[0],
            parent=contexts[1],
            resource=self._resource,
            attributes=attributes,
            events=[Event(each.name, each.attributes, moments[0]) for each in span.events],
            kind=_KINDS[span.kind],
            status=Status() if span.error is None else Status(StatusCode.ERROR, told(span.error)),
            start_time=moments[0],
            end_time=moments[1],
            instrumentation_scope=self._scope,
        )


def exporters_named(names: Sequence[str]) -> list[SpanExporter]:
    """The exporters of these entry points. Raises ConfigError for one that cannot be made."""
    # They tell of their troubles in lines of their own, and might name a receiver with its key: ours are counted.
    quiet = logging.getLogger("opentelemetry")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    made = []
    for name in names:
        for found in entry_points(group=GROUP, name=name):
            try:
                made.append(found.load()())
            except Exception as error:
                reason = f"the exporter of spans {name!r} cannot be used: {type(error).__name__}"
                raise ConfigError(reason) from None
            break
    return made


def _context(trace_id: int, span_id: bytes, *, is_remote: bool = False) -> SpanContext:
    return SpanContext(trace_id, int.from_bytes(span_id, "big"), is_remote, TraceFlags(TraceFlags.SAMPLED))


def _attributes(span: Span, numbers: Numbers, more: dict[str, Value | None]) -> dict[str, Value]:
    values: dict[str, Value | None] = {**span.attributes, **{name: numbers[place] for name, place in span.measured}}
    known = {name: value for name, value in {**values, **more}.items() if value is not None}
    return {name: told(value) if isinstance(value, str) else value for name, value in known.items()}


def _trouble(exporter: SpanExporter, spans: Sequence[ReadableSpan]) -> str | None:
    """Why an exporter did not take the spans, None when it did."""
    try:
        result = exporter.export(spans)
    except Exception as defect:
        return type(defect).__name__
    return None if result is SpanExportResult.SUCCESS else f"{type(exporter).__name__}: {result.name}"
