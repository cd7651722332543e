"""Spans as OTLP writes them in JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).

The mapping of protobuf to JSON, with ids in hex and enumerations as numbers; 64-bit numbers are strings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from plano.observe.traces import names
from plano.observe.traces.spans import Span, Value

PATH: Final = "/v1/traces"
PORT, GRPC_PORT = 4318, 4317
MEDIA_TYPE = "application/json"

_KINDS = {"internal": 1, "server": 2, "client": 3}
_ERROR = 2
_SAMPLED = 1
_MEMBERS: Final[Mapping[type, str]] = {
    bool: "boolValue",
    int: "intValue",
    float: "doubleValue",
    str: "stringValue",
}

REMEMBERED = 4_096
LONGEST_REMEMBERED = 256
"""Attributes, and characters of each: 1 MB at most. Callers have a say in some."""


def over_http(receiver: str) -> str:
    """The address to send to: where the usual port of OTLP over gRPC is named, that of OTLP over HTTP beside it."""
    rest, colon, port = receiver.rstrip("/").rpartition(":")
    return f"{rest}:{PORT}" if colon and port == str(GRPC_PORT) else receiver.rstrip("/")


class Writer:
    """Writes ExportTraceServiceRequests.

    Text is put together here rather than handed to an encoder as a tree, since the protocol wraps every value twice.
    An attribute is the same in most requests: provider, model, route. Its text is made once.
    """

    def __init__(self, *, version: str) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._known: dict[tuple[str, Value, type], str] = {}
        resource = self._attributes({"service.name": "plano", "service.version": version})
        scope = self._text({"name": "plano", "version": version})
        self._head = (
            f'{{"resourceSpans":[{{"resource":{{"attributes":[{resource}]}},"scopeSpans":[{{"scope":{scope},"spans":['
        )

    def write(self, spans: Iterable[Span]) -> bytes:
        """The body that carries these spans."""
        return f"{self._head}{','.join([self._span(span) for span in spans])}]}}]}}]}}".encode()

    def _span(self, span: Span) -> str:
        parent = f'"parentSpanId":"{span.parent_id}",' if span.parent_id is not None else ""
        status = f'{{"code":{_ERROR},"message":{self._text(span.error)}}}' if span.error is not None else "{}"
        return (
            f'{{"traceId":"{span.trace_id}","spanId":"{span.span_id}",{parent}"name":{self._text(span.name)},'
            f'"kind":{_KINDS[span.kind]},"flags":{_SAMPLED},"startTimeUnixNano":"{round(span.began_s * 1e9)}",'
            f'"endTimeUnixNano":"{round(max(span.began_s, span.ended_s) * 1e9)}",'
            f'"attributes":[{self._attributes(span.attributes)}],{self._events(span)}"status":{status}}}'
        )

    def _events(self, span: Span) -> str:
        if not span.losses:
            return ""
        head = f'{{"timeUnixNano":"{round(span.began_s * 1e9)}","name":{self._text(names.LOSS_EVENT)},"attributes":['
        return f'"events":[{",".join([f"{head}{self._attribute(names.LOSS, one)}]}}" for one in span.losses])}],'

    def _attributes(self, attributes: Mapping[str, Value]) -> str:
        known = self._known
        return ",".join(
            [
                # 1, 1.0 and True are one key of a dict without their type.
                known.get((name, value, value.__class__)) or self._attribute(name, value)
                for name, value in attributes.items()
            ]
        )

    def _attribute(self, name: str, value: Value) -> str:
        kind = type(value)
        shown = f'"{value}"' if kind is int else self._text(value)
        text = f'{{"key":{self._text(name)},"value":{{"{_MEMBERS[kind]}":{shown}}}}}'
        if kind is not float and len(text) < LONGEST_REMEMBERED:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[name, value, kind] = text
        return text

    def _text(self, value: object) -> str:
        return self._encode(value).decode()
