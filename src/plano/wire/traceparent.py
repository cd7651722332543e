"""W3C Trace Context (https://www.w3.org/TR/trace-context/), the part Plano speaks: one ``traceparent`` in, one out."""

from __future__ import annotations

import re

import msgspec

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_TRACE = "0" * 32
_NO_SPAN = "0" * 16


class TraceContext(msgspec.Struct, frozen=True):
    """One request's place in its trace.

    ``trace_id``: 32 lower-case hex digits. ``span_id``: this gateway's own span, 16 of them. ``parent_id``: the
    caller's span, None for a new trace.
    """

    trace_id: str
    span_id: str
    parent_id: str | None = None
    is_sampled: bool = True

    @property
    def header(self) -> str:
        """The ``traceparent`` to send on, with this gateway's span as the parent."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.is_sampled else '00'}"


def parse(header: str | None, span_id: str) -> TraceContext | None:
    """The caller's trace context, with ``span_id`` for this gateway; None when there is none or it is not valid.

    Version ff is invalid, all-zero ids are invalid, version 00 has nothing after the flags (section 2.2.2, 3.2.2).
    """
    match = _TRACEPARENT.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    version, trace_id, parent_id, flags, rest = match.groups()
    if version == "ff" or (version == "00" and rest) or trace_id == _NO_TRACE or parent_id == _NO_SPAN:
        return None
    return TraceContext(trace_id, span_id, parent_id, bool(int(flags, 16) & 1))
