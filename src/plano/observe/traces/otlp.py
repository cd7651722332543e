"""Spans as OTLP over HTTP carries them: in protobuf, the encoding that every receiver has to take.

Source of the numbers of fields: opentelemetry/proto/trace/v1/trace.proto and those beside it, of OTLP 1.x.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from plano.observe.traces.protobuf import Key, before, field, varint, whole
from plano.observe.traces.span import LONGEST_VALUE, Kind, Value

PATH: Final = "/v1/traces"
PORT, GRPC_PORT = 4318, 4317
MEDIA_TYPE = "application/x-protobuf"

_KINDS: Final[Mapping[Kind, int]] = {"internal": 1, "server": 2, "client": 3}
_ERROR, _SAMPLED = 2, 1
_ATTRIBUTES = 9
"""The field of a span that holds them."""

BEGAN: Final = bytes((7 << 3 | 1,))
"""What stands before the beginning of a span, eight bytes of nanoseconds since the epoch; ``ENDED``: its end."""
ENDED: Final = bytes((8 << 3 | 1,))

_SPAN, _EVENT = 2, 11
_AT_TIME: Final = bytes((1 << 3 | 1,))
_TIME_SIZE: Final = 8
_TRACE_ID, _OWN_ID, _PARENT_ID = b"\x0a\x10", b"\x12\x08", b"\x22\x08"
_FLAGS: Final = varint(16 << 3 | 5) + _SAMPLED.to_bytes(4, "little")


def over_http(receiver: str) -> str:
    """The address to send to: where the usual port of OTLP over gRPC is named, that of OTLP over HTTP beside it."""
    parts = urlsplit(receiver.rstrip("/"))
    host = parts.netloc.removesuffix(f":{GRPC_PORT}")
    return parts._replace(netloc=parts.netloc if host == parts.netloc else f"{host}:{PORT}").geturl()


def before_double(name: str) -> bytes:
    """What stands before the number of a span's attribute; ``before_whole``: of one that is a varint of that size."""
    return Key(_ATTRIBUTES, name).before_double()


def before_whole(name: str, size: int) -> bytes:
    """See ``before_double``."""
    return Key(_ATTRIBUTES, name).before_whole(size)


def attribute(name: str, value: Value) -> bytes:
    """A span's attribute; long text cut."""
    return _attribute(Key(_ATTRIBUTES, name), value)


def attributes(values: Mapping[str, Value | None], *, write: Callable[[str, Value], bytes] = attribute) -> bytes:
    """Those that are known, each as ``write`` does it."""
    return b"".join([write(name, value) for name, value in values.items() if value is not None])


def fixed(
    name: str,
    kind: Kind,
    values: Mapping[str, Value | None],
    *,
    error: str | None = None,
    write: Callable[[str, Value], bytes] = attribute,
) -> bytes:
    """What many spans have in common: name, kind, attributes. ``error``: what failed, None when nothing did.

    ``write``: as in ``attributes``.
    """
    status = b"" if error is None else field(15, field(2, _encoded(error)) + whole(3, _ERROR))
    return field(5, _encoded(name)) + whole(6, _KINDS[kind]) + attributes(values, write=write) + status + _FLAGS


def event(name: str, values: Mapping[str, Value]) -> tuple[bytes, bytes]:
    """Something that happened in a span, as its field: what stands before its moment, and what after."""
    after = field(2, _encoded(name)) + _members(3, values)
    return before(_EVENT, len(_AT_TIME) + _TIME_SIZE + len(after)) + _AT_TIME, after


def family(trace_id: bytes, parent_id: bytes) -> bytes:
    """What the spans below one parent have in common, and what their own ids stand after.

    ``parent_id``: empty for a span without a parent.
    """
    return b"".join(
        (_TRACE_ID, trace_id, _PARENT_ID, parent_id, _OWN_ID) if parent_id else (_TRACE_ID, trace_id, _OWN_ID)
    )


def before_span(size: int) -> bytes:
    """What stands before a span of that many bytes, as a field of its scope."""
    return before(_SPAN, size)


def request(spans: Sequence[bytes], *, version: str) -> bytes:
    """The body that carries these spans (ExportTraceServiceRequest)."""
    resource = field(1, _members(1, {"service.name": "plano", "service.version": version}))
    scope = field(1, field(1, b"plano") + field(2, _encoded(version)))
    in_scope = len(scope) + sum(map(len, spans))
    before_scope = resource + before(2, in_scope) + scope
    # Joined once: a batch has half a megabyte.
    return b"".join((before(1, len(resource) + len(before(2, in_scope)) + in_scope), before_scope, *spans))


def _members(number: int, values: Mapping[str, Value]) -> bytes:
    """Attributes in field ``number`` of another message than a span."""
    return b"".join([_attribute(Key(number, name), value) for name, value in values.items()])


def _attribute(named: Key, value: Value) -> bytes:
    if isinstance(value, str):
        return named.text(value[:LONGEST_VALUE])
    if isinstance(value, bool):
        return named.truth(value)
    return named.whole(value) if isinstance(value, int) else named.double(value)


def _encoded(text: str) -> bytes:
    return text[:LONGEST_VALUE].encode(errors="replace")
