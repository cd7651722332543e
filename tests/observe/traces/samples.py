"""An entry with everything in it that spans tell."""

from __future__ import annotations

import msgspec

from plano.domain.attempt import Answered, Receipt, Try
from plano.domain.usage import Usage
from plano.observe.entry import Entry
from plano.wire.traceparent import TraceContext
from tests.observe.samples import TRACE_ID, decision, entry, record

PARENT, OWN = "2" * 16, "1" * 16
A, B = "anthropic/claude-x", "gemini/flash"


def whole(**changes: object) -> Entry:
    """A streamed answer by the second of two models: ends 12.5 s after the epoch, and took 2 s."""
    receipt = Receipt((Try(A, "429", 8.2, 0.3), Try(B, "200", 8.5, 0.5)), Answered(200))
    made = msgspec.structs.replace(
        record(decision(A, B), receipt, stages=(("parse", 0.01), ("route", 0.05), ("rank", 0.02), ("ttft", 0.9))),
        seconds=2.0,
        ended_at=10.0,
        arrived_s=0.1,
        trace=TraceContext(TRACE_ID, OWN, PARENT),
        model="auto",
        is_stream=True,
        usage=lambda: Usage(input_tokens=30, output_tokens=7, cached_input_tokens=10),
    )
    shown = msgspec.structs.replace(entry(made), ended_at=12.5)
    return msgspec.structs.replace(shown, **changes)
