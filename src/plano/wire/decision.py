"""A decision as JSON: exactly ``models``, ``route``, ``trace_id``, and ``explanation`` when it was asked for."""

from __future__ import annotations

from typing import Any

from plano.domain.decision import Candidate, Decision
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
        "prefer": decision.prefer,
        "ranking": why_ranked(decision),
        "candidates": [_candidate(candidate) for candidate in decision.candidates],
    }


def why_ranked(decision: Decision) -> str:
    """One sentence: why the models stand in this order."""
    if decision.route is None:
        return "no route matched: the request's own model is the only candidate"
    if len(decision.ranked) == 1:
        return "one candidate is available"
    if all(candidate.reason is not None for candidate in decision.ranked):
        return "every candidate asked for patience or failed too often: the one that is free first comes first"
    return _ORDERS[decision.prefer]


_ORDERS = {
    "none": "the order in which the route's author listed the models",
    "cheapest": "ascending price of input plus output; unknown prices last, ties in the author's order",
    "fastest": "ascending time to the first token; unknown times last, ties in the author's order",
    "balanced": "ascending weighted sum of price and time to the first token, each divided by the largest known one",
}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "model": candidate.model.name,
        "rank": candidate.rank,
        "reason": candidate.reason,
        "price_usd_per_mtok": _reading(candidate.price),
        "latency_s": _reading(candidate.latency),
        "health": candidate.reason if candidate.reason in ("held", "ejected") else "ok",
        "free_in_s": round(candidate.free_in_s, 3),
    }


def _reading(reading: Reading | None) -> dict[str, Any] | None:
    if reading is None:
        return None
    return {"value": reading.value, "source": reading.source, "age_s": round(reading.age_s, 3)}


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, _PLACES)
