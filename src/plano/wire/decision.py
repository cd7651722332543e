"""A decision as JSON: exactly ``models``, ``route`` and ``trace_id``.

In a session also ``session_id``, ``pinned`` and ``switched``, and ``explanation`` when it was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from plano.domain.decision import Candidate, Decision, Expected, Reason
from plano.domain.episode import Switch
from plano.domain.intent import Asked, Escalation, Intent, Unasked
from plano.domain.route import Prefer
from plano.domain.session import Affinity
from plano.domain.snapshot import Reading
from plano.wire import json_guard

MEDIA_TYPE = "application/vnd.plano.decision+json"

_PLACES = 4
"""Decimals of scores: more than any difference that means something, few enough to be the same on every machine."""


def render(decision: Decision, *, explain: bool = False) -> bytes:
    """The body of a decision answer."""
    return json_guard.dumps(as_members(decision, explain=explain))


def as_members(decision: Decision, *, explain: bool = False) -> dict[str, Any]:
    """The decision as a JSON object, keys in the order of the contract."""
    members: dict[str, Any] = {
        "models": list(decision.models),
        "route": decision.route,
        "trace_id": decision.trace_id,
    }
    affinity = decision.affinity
    if affinity is not None:
        members["session_id"] = affinity.session.id
        members["pinned"], members["switched"] = affinity.is_pinned, affinity.is_switched
    if explain:
        members["explanation"] = _explanation(decision)
    return members


def _explanation(decision: Decision) -> dict[str, Any]:
    intent = decision.intent
    return {
        "text": intent.text,
        "scores": {name: round(score, _PLACES) for name, score in intent.scores},
        "threshold": _rounded(intent.threshold),
        "margin": _rounded(intent.margin),
        "router": intent.router,
        "trouble": intent.trouble,
        "router_model": None if intent.asked is None else _asked(intent.asked),
        "escalation": intent.escalation,
        "decided": why_routed(decision),
        "prefer": decision.prefer,
        "weights": None if decision.weights is None else dict(zip(("cost", "latency"), decision.weights, strict=True)),
        "ranking": why_ranked(decision),
        "is_exploration": decision.is_exploration,
        "lift": decision.lift,
        "session": _session(decision.affinity),
        "candidates": [_candidate(candidate) for candidate in decision.candidates],
    }


def why_routed(decision: Decision) -> str:
    """One sentence: who said which route, and how sure that is."""
    intent, affinity = decision.intent, decision.affinity
    if intent.router == "skipped":
        is_replay = affinity is not None and affinity.session.is_replay
        return _REPLAYED if is_replay else _UNASKED[intent.unasked]
    said = _said(intent)
    if affinity is None or not affinity.is_pinned or intent.route == decision.route:
        return said
    wish = "" if intent.router == "degraded" else f"the router chose {intent.route or 'none'}, "
    return f"that of the session; {wish}{said}"


def _said(intent: Intent) -> str:
    """Whose word a route is."""
    if intent.said_by is not None and intent.asked is not None:
        first = "the built-in router was unsure, so it was " if intent.escalation == "asked" else ""
        return f"{first}said by {intent.said_by} in {intent.asked.seconds * 1000:.0f} ms; it gives no probability"
    if intent.router == "ok":
        return _OWN_WORD[intent.escalation]
    rest = "the built-in router, which was unsure, decided" if intent.scores else "no route was found"
    return f"the router gave no usable answer ({intent.trouble}): {rest}"


_REPLAYED = "the router was not asked: it is not the user who speaks, and the route of the user's last words goes on"
_UNASKED: Mapping[Unasked | None, str] = MappingProxyType(
    {
        None: "the router was not asked",
        "routing_off": "the router was not asked: the caller switched routing off",
        "no_routes": "the router was not asked: there are no routes",
        "no_user_turn": "the router was not asked: the request has no words of a user",
    }
)
_OWN_WORD: Mapping[Escalation | None, str] = MappingProxyType(
    {
        None: "by the probability of the built-in router",
        "not_needed": "by the probability of the built-in router, which was sure",
        "over_share": "by the probability of the built-in router, which was unsure; enough decisions went to the model",
        "asked": "by the probability of the built-in router",
        "held_back": "by the probability of the built-in router, which was unsure; the model is not asked for a while",
    }
)


def _asked(asked: Asked) -> dict[str, Any]:
    return {"model": asked.model, "seconds": round(asked.seconds, _PLACES), "ending": asked.ending}


def _session(affinity: Affinity | None) -> dict[str, Any] | None:
    """What the session was bound to before; ``idle_s`` since its last request."""
    if affinity is None:
        return None
    session, binding = affinity.session, affinity.session.binding
    return {
        "bound_to": None if binding is None else binding.model,
        "route": None if binding is None else binding.route,
        "idle_s": None if binding is None else round(session.idle_s, 3),
        "cached_tokens": None if binding is None else binding.cached_tokens,
        "switch": None if affinity.switch is None else _switch(affinity.switch),
    }


def _switch(switch: Switch) -> dict[str, Any]:
    """What a budget of switches said of the router's wish."""
    return {
        "reason": switch.reason,
        "wanted": switch.wanted,
        "route": switch.route,
        "cost_usd": switch.cost_usd,
        "ceiling_usd": switch.ceiling_usd,
    }


_SWITCHES = {
    "same_anchor": "the router chose the session's own model",
    "no_pricing": "the session may leave its model: a price is unknown, so that nothing says what it costs",
    "free": "the session leaves its model: that costs nothing",
    "within_cap": "the session leaves its model: its budget of switches pays for it",
    "over_cap": "the session stays with the first: leaving it costs more than its budget of switches has",
}


def why_ranked(decision: Decision) -> str:
    """One sentence: why the models stand in this order."""
    if any(each.reason == "stored_elsewhere" for each in decision.candidates):
        return "the request goes on from a response that only the provider of the ranked models keeps"
    if decision.affinity is not None and decision.affinity.switch is not None:
        return _SWITCHES[decision.affinity.switch.reason]
    if decision.affinity is not None and decision.affinity.is_pinned:
        order = f"; then {_ORDERS[decision.prefer]}" if len(decision.ranked) > 1 else ""
        unasked = ", the router was not asked" if decision.intent.router == "skipped" else ""
        return f"the session stays with the first{unasked}{order}"
    if decision.route is None:
        return "no route matched: the request's own model is the only candidate"
    if decision.lift is not None:
        return _LAST_RESORTS[decision.lift]
    if len(decision.ranked) == 1:
        return "one candidate is available"
    order = (_ORDERS if _knows_length(decision) else _PLAIN_ORDERS)[decision.prefer]
    if decision.weights is not None:
        order += "; weights {:g} for cost, {:g} for time".format(*decision.weights)
    return f"{_EXPLORED}{order}" if decision.is_exploration else order


_EXPLORED = "the latency of the first is not fresh, and this request measures it; then "

_PLAIN_ORDERS: Mapping[Prefer, str] = MappingProxyType(
    {
        "none": "the order in which the route's author listed the models",
        "cheapest": "ascending price of input plus output; unknown prices last, ties in the author's order",
        "fastest": "ascending time to the first token; unknown times last, ties in the author's order",
        "balanced": "ascending weighted sum of price and time to the first token, each divided by the largest known",
    }
)
"""Before answers of the route have taught how long they are."""

_ORDERS: Mapping[Prefer, str] = MappingProxyType(
    {
        "none": "the order in which the route's author listed the models",
        "cheapest": "ascending expected cost of this request; unknown ones last, ties in the author's order",
        "fastest": "ascending expected time of the answer; unknown ones last, ties in the author's order",
        "balanced": "ascending weighted sum of expected cost and time, each divided by the largest known",
    }
)

_UNABLE = "no candidate is known to be able to serve this request, most for this reason: "
_ABSENT = "every candidate asked for patience or failed too often: the one that is free first comes first"
_CEILING = "every candidate is over a ceiling of the route: the request's own model is taken"
_LAST_RESORTS: Mapping[Reason, str] = MappingProxyType(
    {
        "held": _ABSENT,
        "ejected": _ABSENT,
        "modality": f"{_UNABLE}it cannot read a kind of content in the prompt",
        "tools": f"{_UNABLE}it cannot use tools",
        "structured_output": f"{_UNABLE}it cannot follow a JSON schema",
        "window": f"{_UNABLE}its context window is too small",
        "over_max_usd_per_mtok": _CEILING,
        "over_max_ttft_s": _CEILING,
        "stored_elsewhere": "the request goes on from a response that another provider keeps",
    }
)


def _knows_length(decision: Decision) -> bool:
    return any(each.expected is not None and each.expected.output_tokens is not None for each in decision.candidates)


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "model": candidate.model.name,
        "rank": candidate.rank,
        "reason": candidate.reason,
        "price_usd_per_mtok": _reading(candidate.price),
        "latency_s": _reading(candidate.latency),
        "health": candidate.reason if candidate.reason in ("held", "ejected") else "ok",
        "free_in_s": round(candidate.free_in_s, 3),
        "rates_usd_per_mtok": _rates(candidate),
        "tpot_s": None if candidate.latency is None else candidate.latency.tpot_s,
        "expected": None if candidate.expected is None else _expected(candidate.expected),
    }


def _rates(candidate: Candidate) -> dict[str, float | None] | None:
    """The rates that this prompt is charged by: those of its tier."""
    if candidate.price is None or candidate.price.price is None:
        return None
    rates = candidate.price.price.at(0 if candidate.expected is None else candidate.expected.input_tokens)
    return {
        "input": rates.input,
        "output": rates.output,
        "cached_input": rates.cached_input,
        "cache_write": rates.cache_write,
    }


def _expected(expected: Expected) -> dict[str, float | None]:
    return {
        "input_tokens": expected.input_tokens,
        "output_tokens": expected.output_tokens,
        "usd": expected.usd,
        "seconds": expected.seconds,
        "cached_tokens": expected.cached_tokens,
    }


def _reading(reading: Reading | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    shown: dict[str, Any] = {"value": reading.value, "source": reading.source, "age_s": round(reading.age_s, 3)}
    if reading.is_stale:
        shown["is_stale"] = True
    return shown


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, _PLACES)
