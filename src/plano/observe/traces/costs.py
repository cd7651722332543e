"""What a request cost and what its session meant for it, as attributes of its span."""

from __future__ import annotations

from plano.catalog.cost import cost_of
from plano.observe.cost import rounded
from plano.observe.entry import Entry, Stayed
from plano.observe.traces import names
from plano.observe.traces.span import Value
from plano.ranking.affinity import WARM_S


def parts_of_cost(entry: Entry) -> tuple[float | None, float | None]:
    """USD of the prompt and of the answer, by the price that its decision saw; None where that is unknown."""
    usage, decision, served_by = entry.usage, entry.decision, entry.served_by
    if usage is not None and decision is not None:
        for each in decision.candidates:
            if each.model == served_by:
                quote = each.price_usd_per_mtok
                if quote is None or quote.price is None:
                    break
                cost = cost_of(usage, quote.price)
                return rounded(cost.input_usd), rounded(cost.output_usd)
    return None, None


def of_session(stayed: Stayed, *, shows_counterfactual: bool) -> dict[str, Value | None]:
    """What is known of the session. ``shows_counterfactual``: also the model that a budget has kept away."""
    found: dict[str, Value | None] = {names.SESSION_USD: rounded(stayed.cost_usd)}
    if stayed.bound_to is not None:
        found |= {names.CACHE_WARM: stayed.idle_s <= WARM_S, names.CACHE_IDLE_MS: round(stayed.idle_s * 1000)}
    if stayed.is_pinned and stayed.is_replay:
        found[names.SKIPPED] = "not_user_turn"
    if stayed.account is not None:
        spend, baseline, switches = stayed.account
        found |= {
            names.SESSION_SPEND_USD: spend,
            names.SESSION_BASELINE_USD: baseline,
            names.SESSION_SWITCHES: switches,
            names.SESSION_OVERHEAD_PCT: 100 * spend / baseline if baseline else None,
        }
    switch = stayed.switch
    if switch is not None:
        found |= {
            names.SWITCH_DECISION: f"{'retained' if switch.is_retained else 'allowed'}/{switch.reason}",
            names.SWITCH_USD: switch.cost_usd,
            names.SWITCH_CEILING_USD: switch.ceiling_usd,
        }
        if shows_counterfactual and switch.is_retained:
            found[names.COUNTERFACTUAL] = switch.wanted if switch.route is None else f"{switch.wanted} ({switch.route})"
    return found
