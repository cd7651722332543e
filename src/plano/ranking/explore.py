"""A small share of requests goes to models whose latency is not fresh, so that it becomes known."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from plano.domain.decision import Candidate
from plano.domain.route import SelectionPolicy

FRESH_S = 60.0
_RANDOM_DIGITS = 14
"""The digits of a trace id that W3C Trace Context Level 2 (section 3.2.2.3) wants random: the last 7 bytes."""

_BYTES = 16.0**_RANDOM_DIGITS


def unmeasured(ranked: Sequence[Candidate], policy: SelectionPolicy) -> tuple[int, ...]:
    """Places of ranked candidates whose latency is worth measuring; none where it would change nothing.

    Where no candidate has a latency at all, the first one gets its own by being used.
    """
    if policy.prefer not in ("fastest", "balanced") or (policy.prefer == "balanced" and policy.latency_weight <= 0):
        return ()
    if all(each.latency is None for each in ranked):
        return ()
    return tuple(
        [
            place
            for place, each in enumerate(ranked)
            if place > 0 and (each.latency is None or each.latency.age_s > FRESH_S)
        ]
    )


def chosen(trace_id: str, places: Sequence[int], share: float) -> int | None:
    """The place that goes first for this trace, None for all but ``share`` (0..1) of traces. Always the same answer."""
    drawn = int(trace_id[-_RANDOM_DIGITS:], 16)
    return places[drawn % len(places)] if drawn < share * _BYTES else None


def put_first(ranked: Sequence[Candidate], place: int) -> tuple[Candidate, ...]:
    """The candidates with one moved to the front, numbered anew."""
    moved = (ranked[place], *ranked[:place], *ranked[place + 1 :])
    return tuple([replace(each, rank=number) for number, each in enumerate(moved, start=1)])
