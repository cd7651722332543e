"""A ranking, and what led to it, become a decision."""

from __future__ import annotations

from plano.domain.decision import Decision
from plano.domain.intent import Intent
from plano.domain.route import Route
from plano.domain.session import Affinity
from plano.ranking.rank import Ranking


def conclude(
    trace_id: str, route: Route | None, ranking: Ranking, intent: Intent, affinity: Affinity | None
) -> Decision:
    """The decision. ``route``: None where none matched. ``affinity``: None outside of a session."""
    return Decision(
        route=route.name if route is not None else None,
        trace_id=trace_id,
        candidates=ranking.candidates,
        intent=intent,
        prefer=route.policy.prefer if route is not None else "none",
        weights=_weights(route),
        lift=ranking.lift,
        is_exploration=ranking.is_exploration,
        affinity=affinity,
        buffers_streams=route.buffers_streams if route is not None else None,
    )


def _weights(route: Route | None) -> tuple[float, float] | None:
    if route is None or route.policy.prefer != "balanced":
        return None
    return route.policy.cost_weight, route.policy.latency_weight
