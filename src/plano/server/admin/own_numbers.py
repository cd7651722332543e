"""Numbers of the gateway itself: is it ready, how busy is it and those beside it, and what was lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from plano.observe.exposition import Family, LabelValues, Live
from plano.observe.gathering import Gatherer
from plano.observe.summed import Summed
from plano.server.capacity import Capacity
from plano.server.readiness import Readiness

DROPPED: Final = "plano_records_dropped_total"


def own_numbers(
    readiness: Readiness, capacity: Capacity, others: Gatherer, summed: Summed, *, dropped: Callable[[], int]
) -> tuple[Family, ...]:
    """Of this process and of the workers beside it. ``dropped``: records that this one lost."""

    def number() -> list[tuple[LabelValues, float]]:
        return [((), dropped())]

    return (
        Live("plano_ready", "Can requests be served?", lambda: int(readiness.is_ready)),
        Live("plano_workers", "Processes that serve, those heard of last.", lambda: 1 + others.workers),
        Live(
            "plano_http_open_connections", "Connections of callers.", lambda: capacity.connections + others.connections
        ),
        Live("plano_http_in_flight_requests", "Requests in progress.", lambda: capacity.requests + others.requests),
        summed.family(DROPPED, "Records that the log, the metrics or the kept records failed to take.", (), number),
    )
