"""What was measured of a request, as its spans tell it; nothing is measured for their sake."""

from __future__ import annotations

from typing import Final

from plano.observe.entry import Entry
from plano.observe.traces.costs import parts_of_cost

Numbers = tuple[float | None, ...]
"""Fractions, then whole numbers; None is unknown."""

MS, ROUTING_MS, FIRST_TOKEN_MS, USD, INPUT_USD, OUTPUT_USD, SCORE, MARGIN, ROUTER_MODEL_MS, FIRST_CHUNK_S = range(10)
"""Places of fractions among the numbers of a request."""

BYTES, INPUT, OUTPUT, TOGETHER, CACHE_READ, CACHE_WRITE, REASONING = range(10, 17)
"""Places of whole numbers."""

FRACTIONS: Final = BYTES
"""So many of the numbers are fractions."""

_UNCOUNTED: Final = (None,) * 6


def numbers_of(entry: Entry) -> Numbers:
    """Everything that is counted or timed and is an attribute of a span."""
    decision, usage, route_s, first_s = entry.decision, entry.usage, entry.stages.get("route"), entry.first_token_s
    score = margin = asked_ms = input_usd = output_usd = chunk_s = None
    if decision is not None:
        margin, asked = decision.margin, decision.asked
        score = None if decision.route is None else decision.scores.get(decision.route)
        asked_ms = None if asked is None else asked.seconds * 1e3
    counts: tuple[int | None, ...] = _UNCOUNTED
    if usage is not None:
        input_usd, output_usd = parts_of_cost(entry)
        into, out = usage.input_tokens, usage.output_tokens
        together = None if into is None or out is None else into + out
        counts = (
            *(into, out, together),
            *(usage.cached_input_tokens, usage.cache_write_tokens, usage.reasoning_tokens),
        )
    if entry.is_stream and entry.attempts:
        chunk_s = entry.attempts[-1].seconds
    return (
        entry.seconds * 1e3,
        None if route_s is None else route_s * 1e3,
        None if first_s is None else first_s * 1e3,
        *(entry.cost_usd, input_usd, output_usd, score, margin, asked_ms, chunk_s, entry.answer_bytes, *counts),
    )


def moments_of(entry: Entry, span_id: int) -> list[int]:
    """Of each span its id, its beginning and its end, one after the other, the request's own first.

    Moments are nanoseconds since the epoch. The order is that of ``plano.observe.traces.spans``. An id is that of the
    request with another first byte: ``span_id`` is read from the lowest byte on.
    """
    seconds, stages = entry.seconds, entry.stages
    began = int((entry.ended_at - seconds) * 1e9)
    ended = began + int(seconds * 1e9)
    at, place = began + int((entry.arrived_s + stages.get("parse", 0.0)) * 1e9), 0
    moments = [span_id, began, ended]
    if entry.decision is not None:
        for stage in ("route", "rank"):
            if stage in stages:
                place += 1
                moments += (span_id ^ place, at, at := at + int(stages[stage] * 1e9))
    for attempt in entry.attempts or ():
        if attempt.seconds is not None:
            place += 1
            at = began + int(attempt.began_s * 1e9)
            moments += (span_id ^ place, at, at := at + int(attempt.seconds * 1e9))
    if entry.served_by is not None:
        moments += (span_id ^ place + 1, at, ended if ended > at else at)
    return moments
