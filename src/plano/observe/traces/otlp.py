"""Spans as OTLP writes them in JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).

The mapping of protobuf to JSON, with ids in hex and enumerations as numbers; 64-bit numbers are strings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from plano.observe.traces.spans import Span, Value

PATH = "/v1/traces"
PORT, GRPC_PORT = 4318, 4317
MEDIA_TYPE = "application/json"

_KINDS = {"internal": 1, "server": 2, "client": 3}
_ERROR = 2
_SAMPLED = 1


def over_http(receiver: str) -> str:
    """The address to send to: where the usual port of OTLP over gRPC is named, that of OTLP over HTTP beside it."""
    rest, colon, port = receiver.rstrip("/").rpartition(":")
    return f"{rest}:{PORT}" if colon and port == str(GRPC_PORT) else receiver.rstrip("/")


def encode(spans: Iterable[Span], *, version: str) -> bytes:
    """An ExportTraceServiceRequest."""
    resource = {"service.name": "plano", "service.version": version}
    return msgspec.json.encode(
        {
            "resourceSpans": [
                {
                    "resource": {"attributes": _attributes(resource)},
                    "scopeSpans": [
                        {"scope": {"name": "plano", "version": version}, "spans": [_span(span) for span in spans]}
                    ],
                }
            ]
        }
    )


def _span(span: Span) -> dict[str, Any]:
    written = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": _KINDS[span.kind],
        "flags": _SAMPLED,
        "startTimeUnixNano": str(round(span.began_s * 1e9)),
        "endTimeUnixNano": str(round(max(span.began_s, span.ended_s) * 1e9)),
        "attributes": _attributes(span.attributes),
        "status": {"code": _ERROR, "message": span.error} if span.error is not None else {},
    }
    if span.parent_id is not None:
        written["parentSpanId"] = span.parent_id
    return written


def _attributes(attributes: Mapping[str, Value]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in attributes.items()]


def _value(value: Value) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": value}
