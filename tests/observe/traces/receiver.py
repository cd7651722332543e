"""A receiver of spans: takes what OTLP over HTTP sends, reads it strictly, and can be slow, gone or unwilling."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Literal

import msgspec


class OneValue(msgspec.Struct, forbid_unknown_fields=True):
    """AnyValue of the protocol, as far as it is used: exactly one of them is set. 64-bit integers are strings."""

    stringValue: str | None = None
    boolValue: bool | None = None
    intValue: str | None = None
    doubleValue: float | None = None

    @property
    def value(self) -> str | bool | int | float:
        """The one that is set."""
        number = None if self.intValue is None else int(self.intValue)
        (found,) = [one for one in (self.stringValue, self.boolValue, number, self.doubleValue) if one is not None]
        return found


class KeyValue(msgspec.Struct, forbid_unknown_fields=True):
    """One attribute."""

    key: str
    value: OneValue


class Event(msgspec.Struct, forbid_unknown_fields=True):
    """Event of the protocol, as far as it is used."""

    timeUnixNano: str
    name: str
    attributes: list[KeyValue]


class Status(msgspec.Struct, forbid_unknown_fields=True):
    """0 unset, 1 ok, 2 error."""

    code: Literal[0, 1, 2] = 0
    message: str = ""


class SpanSent(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Span of the protocol, as far as it is used."""

    traceId: str
    spanId: str
    name: str
    kind: Literal[1, 2, 3, 4, 5]
    flags: int
    startTimeUnixNano: str
    endTimeUnixNano: str
    attributes: list[KeyValue]
    status: Status
    parentSpanId: str = ""
    events: list[Event] = []

    @property
    def values(self) -> dict[str, str | bool | int | float]:
        """The attributes; a key stands once."""
        found = {each.key: each.value.value for each in self.attributes}
        assert len(found) == len(self.attributes)
        return found


class Scope(msgspec.Struct, forbid_unknown_fields=True):
    """Who made the spans."""

    name: str
    version: str


class ScopeSpans(msgspec.Struct, forbid_unknown_fields=True):
    """Spans of one scope."""

    scope: Scope
    spans: list[SpanSent]


class Resource(msgspec.Struct, forbid_unknown_fields=True):
    """What the spans are of."""

    attributes: list[KeyValue]


class ResourceSpans(msgspec.Struct, forbid_unknown_fields=True):
    """Spans of one resource."""

    resource: Resource
    scopeSpans: list[ScopeSpans]


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """ExportTraceServiceRequest."""

    resourceSpans: list[ResourceSpans]


class Receiver:
    """``url`` to send to; ``batches``: lists of spans as they came; ``status``: what it answers."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.batches: Queue[list[SpanSent]] = Queue()
        self.go_on = threading.Event()
        self.go_on.set()

    def spans(self, count: int) -> list[SpanSent]:
        """The next spans, at least ``count`` of them."""
        found: list[SpanSent] = []
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
            assert (self.path, self.headers["content-type"]) == ("/v1/traces", "application/json")
            request = msgspec.json.decode(body, type=Request)
            receiver.go_on.wait(20)
            if receiver.status == 200:
                receiver.batches.put(request.resourceSpans[0].scopeSpans[0].spans)
            self.send_response(receiver.status)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

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
