"""Who may serve: every candidate left out gets a reason code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from plano.domain.catalog import Capabilities
from plano.domain.decision import Absent, Candidate, OverCeiling, Reason, Unable
from plano.domain.model import Model
from plano.domain.request import NO_NEEDS, Needs
from plano.domain.route import SelectionPolicy
from plano.domain.snapshot import Pace, Quote, Snapshot
from plano.ranking.estimate import expected, input_tokens, output_tokens

WINDOW_MARGIN = 0.25
"""How far an estimate may exceed a window before the model is left out: a wrong inclusion costs one failed attempt, a
wrong exclusion the model."""

LEARNED_MARGIN = 0.1
"""The same where the bytes of a token were learned from the model itself."""


def assess(
    models: Iterable[Model],
    policy: SelectionPolicy,
    snapshot: Snapshot,
    needs: Needs = NO_NEEDS,
    *,
    route: str | None = None,
) -> tuple[Candidate, ...]:
    """Each model with its live numbers, what this request would be there, and the reason when it may not serve now."""
    answer = output_tokens(route, needs, snapshot)
    latencies, prices = snapshot.latencies_of(needs.prompt_bytes), snapshot.prices
    is_calm = not snapshot.holds and not snapshot.ejected
    has_ceilings = policy.max_usd_per_mtok is not None or policy.max_ttft_s is not None
    found = []
    for model in models:
        name = model.name
        price, latency = prices.get(name), latencies.get(name)
        prompt = input_tokens(name, needs, snapshot)
        absent, free_in_s = (None, 0.0) if is_calm else _absence(name, snapshot)
        reason: Reason | None = _unable(model, needs, prompt, snapshot)
        if reason is None:
            reason = (_over_ceiling(price, latency, policy) if has_ceilings else None) or absent
        of_this = expected(prompt, answer, price, latency)
        found.append(Candidate(model, None, reason, price, latency, free_in_s, of_this))
    return _comparable(found)


def _absence(model: str, snapshot: Snapshot) -> tuple[Absent | None, float]:
    """Why the model is not to be asked now, and for how many seconds."""
    held_s = snapshot.holds.get(model, 0.0) - snapshot.taken_at
    ejected_s = snapshot.ejected.get(model, 0.0) - snapshot.taken_at
    if held_s > 0:
        return "held", max(held_s, ejected_s)
    return ("ejected", ejected_s) if ejected_s > 0 else (None, 0.0)


def _comparable(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Times of whole answers only where every known latency has one."""
    if all(each.latency is None or each.latency.tpot_s is not None for each in candidates):
        return tuple(candidates)
    return tuple(
        [
            each if each.expected is None else replace(each, expected=replace(each.expected, seconds=None))
            for each in candidates
        ]
    )


def _unable(model: Model, needs: Needs, prompt: int, snapshot: Snapshot) -> Unable | None:
    """What the model is known not to be able to do; None where nothing is known."""
    limit = model.prompt_limit
    if limit is not None and prompt > limit:
        margin = LEARNED_MARGIN if model.name in snapshot.bytes_per_token else WINDOW_MARGIN
        if prompt > limit * (1.0 + margin):
            return "window"
    if not (needs.media or needs.tools or needs.structured_output):
        return None
    can = snapshot.facts.get(model.name)
    return None if can is None else _lacks(can, needs)


def _lacks(can: Capabilities, needs: Needs) -> Unable | None:
    if needs.media and can.input_modalities is not None and not set(needs.media) <= set(can.input_modalities):
        return "modality"
    if needs.tools and can.tools is False:
        return "tools"
    if needs.structured_output and can.structured_output is False:
        return "structured_output"
    return None


def _over_ceiling(price: Quote | None, latency: Pace | None, policy: SelectionPolicy) -> OverCeiling | None:
    if policy.max_usd_per_mtok is not None and price is not None and price.value > policy.max_usd_per_mtok:
        return "over_max_usd_per_mtok"
    if policy.max_ttft_s is not None and latency is not None and latency.value > policy.max_ttft_s:
        return "over_max_ttft_s"
    return None
