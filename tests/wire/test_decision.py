"""A decision as JSON: three members, and a fourth that explains."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from plano.domain.catalog import Price, Rates, Tier
from plano.domain.decision import Candidate, Decision, Expected
from plano.domain.intent import NO_ROUTES, NO_USER_TURN, ROUTING_OFF, SKIPPED, Asked, Intent, degraded
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.secret import Secret
from plano.domain.session import Affinity, Session
from plano.domain.snapshot import Pace, Quote
from plano.wire.decision import as_members, render, why_ranked, why_routed

HERE = Endpoint(Origin("http", "secret-host.example", 1), "/", "h", key=Secret("sk-not-to-be-seen"))
A, B = (Model(f"p/{name}", "p", name, HERE) for name in "ab")
INTENT = Intent("code", (("code", 0.123456), ("talk", 1 / 3)), 0.5, 0.987654321, "what was shown")
DECISION = Decision(
    "code",
    "0" * 31 + "1",
    (
        Candidate(
            A,
            1,
            None,
            Quote(2.5, "config", 1.23456, price=Price(Rates(1.0, 1.5), (Tier(19, Rates(3.0, 4.0)),))),
            Pace(0.2, "feed", 7, is_stale=True, tpot_s=0.01),
            expected=Expected(20, 5, 0.5, 0.25),
        ),
        Candidate(B, None, "held", free_in_s=1.23456),
    ),
    INTENT,
    "cheapest",
)


TWO = Candidate(A, 1, expected=Expected(20, 5)), Candidate(B, 2, expected=Expected(20, 5))


def test_three_members_in_order() -> None:
    """Without ``explain`` there are exactly three members, and those left out are not listed."""
    body = f'{{"models":["p/a"],"route":"code","trace_id":"{DECISION.trace_id}"}}'
    assert render(DECISION) == body.encode()


def explanation(decision: Decision) -> dict[str, Any]:
    """The fourth member, as the caller reads it."""
    return dict(json.loads(render(decision, explain=True))["explanation"])


def test_explanation_tells_everything() -> None:
    """Text, scores, threshold, margin, state of the router, and each candidate with numbers and reason."""
    told = explanation(DECISION)
    assert told.pop("candidates") == [
        {
            "model": "p/a",
            "rank": 1,
            "reason": None,
            "price_usd_per_mtok": {"value": 2.5, "source": "config", "age_s": 1.235},
            "latency_s": {"value": 0.2, "source": "feed", "age_s": 7.0, "is_stale": True},
            "health": "ok",
            "free_in_s": 0.0,
            "rates_usd_per_mtok": {"input": 3.0, "output": 4.0, "cached_input": None, "cache_write": None},
            "tpot_s": 0.01,
            "expected": {"input_tokens": 20, "output_tokens": 5, "usd": 0.5, "seconds": 0.25, "cached_tokens": 0},
        },
        {
            "model": "p/b",
            "rank": None,
            "reason": "held",
            "price_usd_per_mtok": None,
            "latency_s": None,
            "health": "held",
            "free_in_s": 1.235,
            "rates_usd_per_mtok": None,
            "tpot_s": None,
            "expected": None,
        },
    ]
    assert told == {
        "text": "what was shown",
        "scores": {"code": 0.1235, "talk": 0.3333},
        "threshold": 0.5,
        "margin": 0.9877,
        "router": "ok",
        "trouble": None,
        "router_model": None,
        "escalation": None,
        "decided": "by the probability of the built-in router",
        "prefer": "cheapest",
        "weights": None,
        "ranking": "one candidate is available",
        "is_exploration": False,
        "lift": None,
        "session": None,
    }


def test_no_address_and_no_key() -> None:
    """Where a model is reached, and with which key, is nobody's business."""
    shown = render(DECISION, explain=True)
    assert b"secret-host" not in shown
    assert b"sk-not" not in shown


def test_unknown_numbers_are_null() -> None:
    """What was not scored is null and never 0."""
    told = explanation(replace(DECISION, intent=Intent(None, router="skipped")))
    assert (told["threshold"], told["margin"], told["scores"], told["router"]) == (None, None, {}, "skipped")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"route": None}, "own model"),
        ({}, "one candidate"),
        ({"candidates": (Candidate(A, 1), Candidate(B, 2))}, "ascending price"),
        ({"candidates": (Candidate(A, 1), Candidate(B, 2)), "prefer": "fastest"}, "time to the first token"),
        ({"candidates": (Candidate(A, 1), Candidate(B, 2)), "prefer": "balanced"}, "weighted sum"),
        (
            {"candidates": TWO, "prefer": "balanced", "weights": (0.5, 2.0)},
            "largest known; weights 0.5 for cost, 2 for time",
        ),
        ({"candidates": (Candidate(A, 1), Candidate(B, 2)), "prefer": "none"}, "author"),
        ({"candidates": TWO, "prefer": "cheapest"}, "expected cost"),
        ({"candidates": TWO, "prefer": "fastest"}, "expected time"),
        ({"candidates": TWO, "prefer": "fastest", "is_exploration": True}, "not fresh"),
        ({"lift": "held"}, "patience"),
        ({"lift": "window"}, "window"),
        ({"lift": "over_max_ttft_s"}, "ceiling"),
    ],
)
def test_why_they_stand_in_this_order(change: dict[str, Any], said: str) -> None:
    """One sentence names the true reason."""
    assert said in why_ranked(replace(DECISION, **change))


def test_members_are_the_rendered_ones() -> None:
    """The client in the same process gets what the wire carries."""
    assert json.loads(render(DECISION, explain=True)) == as_members(DECISION, explain=True)


ASKED = Asked("plano/r", 0.0481, "answered")
FAILED = Asked("plano/r", 0.0481, "500")
SCORED = (("code", 0.6),)


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        (SKIPPED, "the router was not asked"),
        (Intent("code", SCORED), "by the probability of the built-in router"),
        (Intent("code", asked=ASKED), "said by plano/r in 48 ms; it gives no probability"),
        (
            Intent("code", SCORED, asked=ASKED, escalation="asked"),
            "the built-in router was unsure, so it was said by plano/r in 48 ms; it gives no probability",
        ),
        (
            Intent("code", SCORED, escalation="not_needed"),
            "by the probability of the built-in router, which was sure",
        ),
        (
            Intent("code", SCORED, escalation="over_share"),
            "by the probability of the built-in router, which was unsure; enough decisions went to the model",
        ),
        (degraded("late"), "the router gave no usable answer (late): no route was found"),
        (
            Intent("code", SCORED, router="degraded", trouble="500", asked=FAILED, escalation="asked"),
            "the router gave no usable answer (500): the built-in router, which was unsure, decided",
        ),
    ],
)
def test_who_decided_the_route(intent: Intent, said: str) -> None:
    """By which probability, or by whose word; and what was wrong."""
    assert why_routed(replace(DECISION, intent=intent)) == said


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        (ROUTING_OFF, "the caller switched routing off"),
        (NO_ROUTES, "there are no routes"),
        (NO_USER_TURN, "the request has no words of a user"),
    ],
)
def test_why_the_router_was_not_asked(intent: Intent, said: str) -> None:
    """Whoever wonders is told which of the reasons it was."""
    assert why_routed(replace(DECISION, intent=intent)) == f"the router was not asked: {said}"


def test_a_session_whose_router_is_in_trouble_stays_and_says_so() -> None:
    """What kept it is the session; that the router was asked, and failed, is told beside it."""
    pinned = Affinity(Session("s", b"s"), is_pinned=True)
    decision = replace(DECISION, intent=degraded("late"), affinity=pinned)
    assert why_routed(decision) == "that of the session; the router gave no usable answer (late): no route was found"
    assert why_ranked(decision) == "the session stays with the first"


def test_a_session_that_keeps_its_route() -> None:
    """Where the router chose another one, nobody reads that the session's was the likeliest."""
    pinned = Affinity(Session("s", b"s"), is_pinned=True)
    assert why_routed(replace(DECISION, affinity=pinned)) == "by the probability of the built-in router"
    other = replace(DECISION, affinity=pinned, intent=replace(INTENT, route="talk"))
    assert why_routed(other) == "that of the session; the router chose talk, by the probability of the built-in router"


def test_a_tool_that_speaks_for_the_user() -> None:
    """The route of the user's last words goes on, and nobody was asked."""
    replayed = Affinity(Session("s", b"s", is_replay=True), is_pinned=True)
    assert "the user's last words" in why_routed(replace(DECISION, intent=SKIPPED, affinity=replayed))
