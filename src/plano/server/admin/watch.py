"""What whoever looks at the gateway is told: its state now, the last minutes, and each request as it is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from plano.assembly import Decider
from plano.domain.decision import Absent
from plano.domain.model import Model
from plano.domain.snapshot import Reading, Snapshot
from plano.observe.events import Events
from plano.observe.gathering import Gatherer
from plano.observe.overview import Columns, Overview, columns, overview
from plano.observe.series import STRETCH_S, Series
from plano.observe.summed import Summed
from plano.server.admin.own_numbers import DROPPED
from plano.server.capacity import Capacity
from plano.server.readiness import Readiness

WINDOW_S = 300
"""Seconds that the numbers of the page are about."""


class Standing(msgspec.Struct, frozen=True):
    """A declared model as it stands now. ``free_in_s``: seconds until it may be tried, 0 when it may be.

    ``absent``: why it may not be tried now, None when it may.
    """

    model: str
    provider: str
    is_default: bool
    is_mock: bool
    absent: Absent | None
    free_in_s: float
    price_usd_per_mtok: Reading | None
    latency_s: Reading | None


class State(msgspec.Struct, frozen=True):
    """The gateway now. ``at``: seconds since the epoch. ``skipped``: requests that were not shown live.

    ``newest``: the stretches of the last ten seconds.
    """

    at: float
    version: str
    uptime_s: float
    is_ready: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    open_connections: int
    in_flight: int
    dropped: int
    workers: int
    skipped: int
    overview: Overview
    newest: Columns
    models: tuple[Standing, ...]


@dataclass(slots=True)
class Watch:
    """``wall``: seconds since the epoch; ``started_at``: by it."""

    version: str
    decider: Decider
    readiness: Readiness
    capacity: Capacity
    series: Series
    events: Events
    others: Gatherer
    summed: Summed
    wall: Callable[[], float]
    started_at: float

    def state(self) -> bytes:
        """It as a JSON object. Takes a millisecond or less: only what somebody looks at is worked out."""
        now = self.wall()
        return msgspec.json.encode(
            State(
                at=now,
                version=self.version,
                uptime_s=now - self.started_at,
                is_ready=self.readiness.is_ready,
                reasons=tuple(self.readiness.reasons),
                notes=tuple(self.readiness.told),
                open_connections=self.capacity.connections + self.others.connections,
                in_flight=self.capacity.requests + self.others.requests,
                dropped=int(self.summed.total(DROPPED)),
                workers=1 + self.others.workers,
                skipped=self.events.skipped,
                overview=overview(self.series.last(WINDOW_S), window_s=WINDOW_S),
                newest=columns(self.series.last(STRETCH_S)),
                models=self._standings(),
            )
        )

    def beat(self) -> None:
        """Tells whoever looks; called about twice a second."""
        if self.events.wants_more:
            self.events.beat(self.state())

    def _standings(self) -> tuple[Standing, ...]:
        table, now = self.decider.gateway.policy.models, self.decider.clock.monotonic()
        seen = self.decider.board.snapshot(now)
        return tuple(
            [_standing(name, model, seen, is_default=name == table.default) for name, model in table.models.items()]
        )


def _standing(name: str, model: Model, seen: Snapshot, *, is_default: bool) -> Standing:
    held_s, ejected_s = (max(0.0, until.get(name, 0.0) - seen.taken_at) for until in (seen.holds, seen.ejected))
    absent: Absent | None = "held" if held_s else "ejected" if ejected_s else None
    price, latency = seen.prices.get(name), seen.latencies.get(name)
    free_in_s = max(held_s, ejected_s)
    return Standing(name, model.provider, is_default, model.is_mock, absent, free_in_s, price, latency)


def sse_fields(fields: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The header fields of a stream of events."""
    return (("content-type", "text/event-stream"), *fields)
