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
    if route is None:
        return Decision(
            None, trace_id, ranking.candidates, intent, "none", None, ranking.lift, ranking.is_exploration, affinity
        )
    policy = route.policy
    # In the order of the fields: so many keywords would take as long as all the rest.
    return Decision(
        route.name,
        trace_id,
        ranking.candidates,
        intent,
        policy.prefer,
        (policy.cost_weight, policy.latency_weight) if policy.prefer == "balanced" else None,
        ranking.lift,
        ranking.is_exploration,
        affinity,
        route.buffers_streams,
    )
