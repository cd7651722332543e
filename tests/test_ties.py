"""Ties: what a session or a kept response means for a decision."""

from __future__ import annotations

import json

import pytest

from plano.domain.decision import Decision
from plano.domain.intent import SKIPPED, Intent, degraded
from plano.domain.issued import Issued
from plano.domain.model import Dialect, Endpoint, Model, ModelTable, Origin
from plano.domain.request import ChatRequest, Wishes
from plano.domain.route import NO_ROUTES, Route, RouteTable
from plano.domain.session import Binding, Session
from plano.errors import InvalidRequest
from plano.gateway import Gateway
from plano.policy import Policy
from plano.ranking.switching import Terms
from plano.signals.board import Board
from plano.wire.requests import parse_request
from tests.test_gateway import FakeClock, decided

HERE, THERE = (Endpoint(Origin("http", host, 1), "/", host) for host in ("here", "there"))
ENDPOINTS = {"p/a": HERE, "p/b": HERE, "p/own": HERE, "q/far": THERE}
MODELS = ModelTable({name: Model(name, name[0], name[2:], place) for name, place in ENDPOINTS.items()})
ROUTES = RouteTable((Route("code", "writes code", ("p/a", "p/b")), Route("talk", "talks", ("q/far",))))
TRACE = "0" * 31 + "1"


def gateway(*, budget: Terms | None = None) -> tuple[Gateway, Board]:
    """One that decides by ROUTES."""
    board = Board()
    policy = Policy(MODELS, ROUTES, switching=budget)
    return Gateway(policy, board=board, clock=FakeClock(), jitter=lambda: 1.0), board


def bound_to(model: str, route: str | None = "code", *, stays: bool = True) -> Wishes:
    """A request of a session that is bound."""
    return Wishes(TRACE, session=Session("s", b"s", Binding(model, route, 990.0), idle_s=10.0, stays=stays))


def said(*, continues: str | None = None) -> ChatRequest:
    """A request in the dialect that may go on from a response."""
    body = {"model": "p/own", "input": "hi"} | ({"previous_response_id": continues} if continues else {})
    return parse_request(json.dumps(body).encode(), Dialect.OPENAI_RESPONSES, lambda _value, _raw: NO_ROUTES)


def seen(decision: Decision) -> tuple[str | None, tuple[str, ...], bool | None]:
    """Route, models, and whether the session's model leads."""
    affinity = decision.affinity
    return decision.route, decision.models, None if affinity is None else affinity.is_pinned


def test_a_session_stays_and_nobody_is_asked() -> None:
    """Its model leads its route, though the author has another one first."""
    decision = decided(gateway()[0], said(), None, bound_to("p/b"))
    assert seen(decision) == ("code", ("p/b", "p/a"), True)
    assert decision.intent == SKIPPED


@pytest.mark.parametrize(
    "wishes",
    [bound_to("p/gone"), bound_to("p/b", "no such route"), bound_to("p/b", stays=False), Wishes(TRACE)],
    ids=["model gone", "route gone", "routed anew", "no session"],
)
def test_a_session_that_cannot_stay_is_routed(wishes: Wishes) -> None:
    """As every other request."""
    decision = decided(gateway()[0], said(), Intent("talk"), wishes)
    assert (decision.route, decision.models) == ("talk", ("q/far",))
    assert decision.affinity is None or not decision.affinity.is_pinned


def test_a_session_without_a_route_stays_with_its_model() -> None:
    """Where none matched, its own model goes on."""
    assert seen(decided(gateway()[0], said(), None, bound_to("p/own", None))) == (None, ("p/own",), True)


@pytest.mark.parametrize(("intent", "binds"), [(Intent("talk"), True), (Intent(None), True), (degraded("late"), False)])
def test_who_binds(intent: Intent, binds: bool) -> None:
    """A router that chose nothing because it failed binds a session to nobody."""
    decision = decided(gateway()[0], said(), intent, Wishes(TRACE, session=Session("s", b"s")))
    assert decision.affinity is not None
    assert decision.affinity.binds is binds


def test_with_a_budget_the_router_is_asked() -> None:
    """And where it fails, that is no reason to leave; that it did is not forgotten."""
    asked = gateway(budget=Terms(20.0))[0]
    stayed = decided(asked, said(), degraded("late"), bound_to("p/b"))
    assert seen(stayed) == ("code", ("p/b", "p/a"), True)
    assert (stayed.intent.router, stayed.intent.trouble) == ("degraded", "late")
    weighed = decided(asked, said(), Intent("talk"), bound_to("p/b")).affinity
    assert weighed is not None
    assert weighed.switch is not None


def test_routing_off_leaves_the_session_aside() -> None:
    """The request's own model, and no word of the session."""
    wishes = Wishes(TRACE, routing_off=True, session=bound_to("p/b").session)
    assert seen(decided(gateway()[0], said(), None, wishes)) == (None, ("p/own",), None)


@pytest.mark.parametrize("budget", [None, Terms(20.0)], ids=["", "with a budget"])
@pytest.mark.parametrize("wishes", [Wishes(TRACE), bound_to("p/b")], ids=["alone", "in a session"])
def test_whoever_keeps_the_response_is_asked(wishes: Wishes, budget: Terms | None) -> None:
    """Whatever the router says, whatever the session is bound to, and whatever a switch would cost."""
    made, board = gateway(budget=budget)
    board.keepers.note(Issued("resp_1"), MODELS.resolve("q/far"))
    decision = decided(made, said(continues="resp_1"), Intent("code"), wishes)
    assert (decision.route, decision.models) == ("code", ("q/far",))
    assert decision.affinity is None or decision.affinity.switch is None


def test_a_response_of_unknown_make() -> None:
    """Its provider must tell: the request is routed as any other."""
    assert decided(gateway()[0], said(continues="resp_2"), Intent("talk"), Wishes(TRACE)).models == ("q/far",)


def test_a_response_that_cannot_be_gone_on_from() -> None:
    """Its maker is gone, or the caller insists on a model at another provider: said at once, nobody is asked."""
    made, board = gateway()
    board.keepers.note(Issued("resp_1"), MODELS.resolve("q/far"))
    board.keepers.note(Issued("resp_0"), Model("x/gone", "x", "gone", THERE))
    with pytest.raises(InvalidRequest, match="not declared any more"):
        next(made.decide(said(continues="resp_0"), Wishes(TRACE)))
    with pytest.raises(InvalidRequest, match="keeps that response"):
        next(made.decide(said(continues="resp_1"), Wishes(TRACE, routing_off=True)))
