"""Spans as OTLP over HTTP carries them: in protobuf, the encoding that every receiver has to take.

Source of the numbers of fields: opentelemetry/proto/trace/v1/trace.proto and those beside it, of OTLP 1.x.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from struct import Struct
from typing import Final, Literal

from plano.observe.traces.protobuf import Key, field, two_bytes, varint, whole

PATH: Final = "/v1/traces"
PORT, GRPC_PORT = 4318, 4317
MEDIA_TYPE = "application/x-protobuf"

Value = str | int | float | bool
Kind = Literal["internal", "server", "client"]

LONGEST_VALUE = 1024
"""Characters of a text."""

_KINDS: Final[Mapping[Kind, int]] = {"internal": 1, "server": 2, "client": 3}
_ERROR, _SAMPLED = 2, 1
_ATTRIBUTES = 9
"""The field of a span that holds them."""

_PLACE: Final = Struct("<QBQBQ")
_SIZED: Final = Struct("<BH")
_AT: Final = Struct("<BQ")
_AT_TIME = 1 << 3 | 1
_BEGAN, _ENDED, _SPAN = 7 << 3 | 1, 8 << 3 | 1, 2 << 3 | 2
_OWN_ID: Final = b"\x12\x08"
_FLAGS: Final = varint(16 << 3 | 5) + _SAMPLED.to_bytes(4, "little")


def over_http(receiver: str) -> str:
    """The address to send to: where the usual port of OTLP over gRPC is named, that of OTLP over HTTP beside it."""
    rest, colon, port = receiver.rstrip("/").rpartition(":")
    return f"{rest}:{PORT}" if colon and port == str(GRPC_PORT) else receiver.rstrip("/")


def key(name: str) -> Key:
    """A span's attribute of that name."""
    return Key(_ATTRIBUTES, name)


def attributes(values: Mapping[str, Value | None], *, number: int = _ATTRIBUTES) -> bytes:
    """Those that are known, in field ``number`` of a message; long text cut."""
    return b"".join(
        [_attribute(Key(number, name), value) for name, value in values.items() if value is not None],
    )


def fixed(name: str, kind: Kind, values: Mapping[str, Value | None], *, error: str | None = None) -> bytes:
    """What many spans have in common: name, kind, attributes. ``error``: what failed, None when nothing did."""
    status = b"" if error is None else field(15, field(2, _encoded(error)) + whole(3, _ERROR))
    return field(5, _encoded(name)) + whole(6, _KINDS[kind]) + attributes(values) + status + _FLAGS


def event(at_ns: int, name: str, values: Mapping[str, Value | None]) -> bytes:
    """Something that happened in a span, as its field; ``at_ns``: since the epoch."""
    return field(11, _AT.pack(_AT_TIME, at_ns) + field(2, _encoded(name)) + attributes(values, number=3))


def family(trace_id: bytes, parent_id: bytes | None) -> bytes:
    """What the spans below one parent have in common: the trace, the parent, and what their own ids stand after."""
    parent = b"" if parent_id is None else field(4, parent_id)
    return field(1, trace_id) + parent + _OWN_ID


def span(family: bytes, number: int, times_ns: tuple[int, int], said: bytes) -> bytes:
    """One span, as a field of its scope. ``number``: its id, the lowest byte first; ``said``: what ``fixed`` gave and
    more attributes. ``times_ns``: its beginning and its end, since the epoch.
    """
    began, ended = times_ns
    place = _PLACE.pack(number, _BEGAN, began, _ENDED, ended)
    size = len(family) + _PLACE.size + len(said)
    sized = _SIZED.pack(_SPAN, two_bytes(size)) if 0x80 <= size < 0x4000 else bytes((_SPAN,)) + varint(size)
    return b"".join((sized, family, place, said))


def request(spans: Iterable[bytes], *, version: str) -> bytes:
    """The body that carries these spans (ExportTraceServiceRequest)."""
    resource = attributes({"service.name": "plano", "service.version": version}, number=1)
    scope = field(1, field(1, b"plano") + field(2, _encoded(version)))
    return field(1, field(1, resource) + field(2, scope + b"".join(spans)))


def _attribute(named: Key, value: Value) -> bytes:
    if isinstance(value, str):
        return named.text(value[:LONGEST_VALUE])
    if isinstance(value, bool):
        return named.truth(value)
    return named.whole(value) if isinstance(value, int) else named.double(value)


def _encoded(text: str) -> bytes:
    return text[:LONGEST_VALUE].encode(errors="replace")
