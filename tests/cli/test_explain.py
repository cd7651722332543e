"""``plano explain``: told from a kept record, as the admin listener hands it out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from plano.cli.explain import _nothing, explained
from plano.domain.decision import Candidate, Decision, Reason
from plano.domain.episode import Switch
from plano.domain.intent import NO_ROUTES, ROUTING_OFF, SKIPPED, Asked, Intent, degraded
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.session import Affinity, Binding, Session
from plano.observe.entry import Attempted, Entry
from plano.observe.explanations import Explanations

A, B = (Model(f"p/{name}", "p", name, Endpoint(Origin("http", "h", 1), "/", "h")) for name in "ab")
SCORED = Intent("code", (("code", 0.75), ("talk", 0.5)), 0.5, 0.25, text="nine char")
ASKED = Asked("plano/r", 0.0481, "answered")
FAILED = Asked("plano/r", 0.0481, "500")
DECISION = Decision("code", "t", (Candidate(A, 1), Candidate(B, 2)), SCORED)
BOUND = Session("s", b"s", Binding(A.name, "code", 990.0, cached_tokens=1200), idle_s=10.0)


def lines(decision: Decision = DECISION, **more: Any) -> str:
    """What is printed of a request with this decision; ``more``: members of its entry."""
    entry = Entry("t", 0.0, **{"status": 200, "seconds": 0.1, "decision": Explanations(b"k").of(decision), **more})
    return "\n".join(explained(msgspec.json.decode(msgspec.json.encode(entry))))


def routed(intent: Intent) -> Decision:
    """A decision for the route that a router said."""
    return replace(DECISION, route=intent.route, intent=intent)


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (
            DECISION,
            "route   code   threshold 0.500   margin 0.250\nwhy     by the probability of the built-in router\n",
        ),
        (routed(replace(SCORED, route=None)), "route   none: no score reached the threshold of 0.500\n"),
        (routed(ROUTING_OFF), "route   none\nwhy     the router was not asked: the caller switched routing off\n"),
        (routed(NO_ROUTES), "why     the router was not asked: there are no routes\n"),
        (routed(replace(SCORED, asked=ASKED)), "route   code\nwhy     said by plano/r in 48 ms"),
        (
            routed(replace(degraded("500"), asked=FAILED)),
            "why     the router gave no usable answer (500): no route was",
        ),
        (routed(replace(SCORED, router="degraded", trouble="500")), "(500): the built-in router, which was unsure,"),
        (routed(replace(SCORED, escalation="not_needed")), "built-in router, which was sure\n"),
        (routed(replace(SCORED, escalation="over_share")), "which was unsure; enough decisions went to the model\n"),
        (routed(replace(SCORED, asked=ASKED, escalation="asked")), "why     the built-in router was unsure, so it was"),
        (routed(replace(SCORED, escalation="held_back")), "which was unsure; the model is not asked for a while\n"),
    ],
)
def test_who_decided(decision: Decision, said: str) -> None:
    """By which probability, or by whose word, and why it was that router."""
    assert said in lines(decision)


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (replace(DECISION, prefer="cheapest"), "ascending price of input plus output"),
        (replace(DECISION, prefer="fastest", is_exploration=True), "is not fresh, and this request measures it"),
        (replace(DECISION, candidates=(Candidate(A, 1, "held"),), lift="held"), "every candidate asked for patience"),
    ],
)
def test_why_this_order(decision: Decision, said: str) -> None:
    """The sentence that callers get with ``?explain=1``: it compares what was compared, not what usually is."""
    assert f"order   {said}" in lines(decision).replace("the latency of the first ", "")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("ejected", "it failed too often, or its key was refused; free in 2.5 s"),
        ("held", "its provider asked for patience; free in 2.5 s"),
        ("window", "its context window is too small; free in 2.5 s"),
    ],
)
def test_why_a_candidate_was_left_out(reason: Reason, said: str) -> None:
    """In words, and when it may be asked again."""
    left_out = Candidate(B, None, reason, free_in_s=2.5)
    assert lines(replace(DECISION, candidates=(Candidate(A, 1), left_out))).endswith(f"?   {said}")


def test_a_session_without_a_budget() -> None:
    """It stays, nobody was asked, and what that saves is told."""
    said = lines(replace(routed(SKIPPED), route="code", affinity=Affinity(BOUND, is_pinned=True)))
    assert "session was with p/a, 10.0 s before; 1,200 tokens in its provider's cache\n" in said
    assert "order   the session stays with the first, the router was not asked; then the order in which" in said


def test_a_session_that_its_budget_keeps() -> None:
    """The model that would have been taken, what that costs and what there is: nothing claims that nobody was asked."""
    switch = Switch("over_cap", B.name, "talk", 0.01, cost_usd=0.25)
    said = lines(replace(DECISION, affinity=Affinity(BOUND, is_pinned=True, switch=switch)))
    assert "        the router chose p/b (talk): $0.25 more, of at most $0.010 for all of its switches\n" in said
    assert "order   the session stays with the first: leaving it costs more than its budget" in said
    assert "not asked" not in said


def test_a_new_session() -> None:
    """There is nothing yet to stay with."""
    assert "session new, or too long ago: it had no model\n" in lines(
        replace(DECISION, affinity=Affinity(Session("s", b"s")))
    )


def test_an_answer_that_broke_off() -> None:
    """It began with 200, and its caller did not get all of it: the first line and the last one say so."""
    tried = (Attempted(A.name, "200", 0.0, 0.05),)
    said = lines(code="upstream_truncated", served_by=A.name, attempts=tried).splitlines()
    assert said[0].startswith("trace   t   200 upstream_truncated after 100 ms")
    assert said[-1] == "answer  p/a   cost ?, broken off: upstream_truncated"


def test_a_chain_that_failed() -> None:
    """Each attempt with its ending, each candidate that got none with the reason in words, and the error."""
    tried = (Attempted(A.name, "503", 0.0, 0.05), Attempted(B.name, "unfit", 0.0, None))
    said = lines(status=503, code="upstream_overloaded", attempts=tried).splitlines()
    assert said[0].startswith("trace   t   503 upstream_overloaded after")
    assert said[-2].split() == ["tried", "1", "p/a", "503", "after", "50.0", "ms"]
    assert said[-1].endswith("passed over: its dialect has no words for the request")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"is_shortened": True, "status": 200}, "was too large to be kept with its decision"),
        ({"status": 200, "method": "GET", "path": "/v1/models"}, "needed no decision: GET /v1/models"),
        ({"status": 400, "code": "invalid_json"}, "ended before anything was decided: invalid_json"),
        ({"status": 200, "code": "client_closed"}, "ended before anything was decided: client_closed"),
    ],
)
def test_what_there_is_no_decision_of(members: dict[str, Any], said: str) -> None:
    """Three reasons, each told as what it is."""
    assert _nothing([{"trace_id": "t", **members}], "t") == f"request t {said}"
