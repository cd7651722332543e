"""W3C Trace Context (https://www.w3.org/TR/trace-context/), the part Plano speaks: one ``traceparent`` in, one out."""

from __future__ import annotations

import re

import msgspec

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_TRACE = "0" * 32
_NO_SPAN = "0" * 16


class TraceContext(msgspec.Struct, frozen=True):
    """``trace_id``: 32 lower-case hex digits. ``parent_id``: the caller's span, None for a new trace."""

    trace_id: str
    parent_id: str | None = None
    is_sampled: bool = True

    def header(self, span_id: str) -> str:
        """The ``traceparent`` to send on, with ``span_id`` (16 hex digits) as the parent."""
        return f"00-{self.trace_id}-{span_id}-{'01' if self.is_sampled else '00'}"


def parse(header: str | None) -> TraceContext | None:
    """The caller's trace context, None when there is none or it is not valid.

    Version ff is invalid, all-zero ids are invalid, version 00 has nothing after the flags (section 2.2.2, 3.2.2).
    """
    match = _TRACEPARENT.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    version, trace_id, parent_id, flags, rest = match.groups()
    if version == "ff" or (version == "00" and rest) or trace_id == _NO_TRACE or parent_id == _NO_SPAN:
        return None
    return TraceContext(trace_id, parent_id, bool(int(flags, 16) & 1))
