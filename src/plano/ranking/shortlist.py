"""Who may serve: every candidate left out gets a reason code."""

from __future__ import annotations

from collections.abc import Iterable

from plano.domain.decision import Candidate, Reason
from plano.domain.model import Model
from plano.domain.route import SelectionPolicy
from plano.domain.snapshot import Reading, Snapshot


def assess(models: Iterable[Model], policy: SelectionPolicy, snapshot: Snapshot) -> tuple[Candidate, ...]:
    """Each model with its live numbers, and the reason when it may not serve now."""
    return tuple(_assess(model, policy, snapshot) for model in models)


def _assess(model: Model, policy: SelectionPolicy, snapshot: Snapshot) -> Candidate:
    price = snapshot.prices.get(model.name)
    latency = snapshot.latencies.get(model.name)
    held_s = max(0.0, snapshot.holds.get(model.name, 0.0) - snapshot.taken_at)
    ejected_s = max(0.0, snapshot.ejected.get(model.name, 0.0) - snapshot.taken_at)
    reason = _over_ceiling(price, latency, policy) or _absence(held_s, ejected_s)
    return Candidate(model, None, reason, price, latency, max(held_s, ejected_s))


def _absence(held_s: float, ejected_s: float) -> Reason | None:
    if held_s > 0:
        return "held"
    return "ejected" if ejected_s > 0 else None


def _over_ceiling(price: Reading | None, latency: Reading | None, policy: SelectionPolicy) -> Reason | None:
    if policy.max_usd_per_mtok is not None and price is not None and price.value > policy.max_usd_per_mtok:
        return "over_max_usd_per_mtok"
    if policy.max_ttft_s is not None and latency is not None and latency.value > policy.max_ttft_s:
        return "over_max_ttft_s"
    return None
