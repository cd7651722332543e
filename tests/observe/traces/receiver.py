"""A receiver of spans: reads OTLP over HTTP with OpenTelemetry's own classes, and can be slow, gone or unwilling."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Attributes = dict[str, str | bool | int | float]


@dataclass(frozen=True)
class Sent:
    """A span as it was read. ``began_ns``, ``ended_ns``: since the epoch. ``error``: what failed, None if nothing.

    ``events``: moment, name and attributes of each.
    """

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: str
    began_ns: int
    ended_ns: int
    attributes: Attributes
    error: str | None
    events: tuple[tuple[int, str, Attributes], ...] = ()


def spans_in(body: bytes) -> list[Sent]:
    """The spans of a request, with nothing in it that the protocol does not know."""
    request = ExportTraceServiceRequest.FromString(body)
    request.DiscardUnknownFields()
    # Nothing was discarded, and every number was written in as few bytes as there can be.
    assert request.ByteSize() == len(body)
    (resource,) = request.resource_spans
    assert attributes_of(resource.resource.attributes)["service.name"] == "plano"
    (scope,) = resource.scope_spans
    assert scope.scope.name == "plano"
    return [_sent(span) for span in scope.spans]


def attributes_of(pairs: Iterable[KeyValue]) -> Attributes:
    """Attributes by name; a name stands once."""
    named = [(each.key, _value(each.value)) for each in pairs]
    assert len(dict(named)) == len(named)
    return dict(named)


def _value(value: AnyValue) -> str | bool | int | float:
    kind = value.WhichOneof("value")
    assert kind is not None
    found: str | bool | int | float = getattr(value, kind)
    return found


def _sent(span: Span) -> Sent:
    # Sampled, or, of the SDK, whose encoder leaves that out: its parent is known to be here, or elsewhere.
    assert span.flags in (1, 0x100, 0x300)
    return Sent(
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex() or None,
        span.name,
        Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        attributes_of(span.attributes),
        span.status.message if span.status.code == 2 else None,
        tuple((each.time_unix_nano, each.name, attributes_of(each.attributes)) for each in span.events),
    )


class Receiver:
    """``url`` to send to; ``batches``: lists of spans as they came; ``status``: what it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.batches: Queue[list[Sent]] = Queue()
        self.go_on = threading.Event()
        self.go_on.set()

    def spans(self, count: int) -> list[Sent]:
        """The next spans, at least ``count`` of them."""
        found: list[Sent] = []
        while len(found) < count:
            found += self.batches.get(timeout=20)
        return found


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        """One connection."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Takes a batch."""
            body = self.rfile.read(int(self.headers["content-length"]))
            assert (self.path, self.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
            receiver.go_on.wait(20)
            if receiver.status == 200:
                receiver.batches.put(spans_in(body))
            self.send_response(receiver.status)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.go_on.set()
            server.shutdown()
            thread.join(5)
