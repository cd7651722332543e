"""``routing_budget``: a session leaves its model when its budget pays for it, through a running gateway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.running import A, B, C, Running, running
from tests.server.test_sessions import S1, Later

BUDGET = "{max_switch_spend_pct: 25}"
PRICES = {A: "{input: 3, output: 15, cached_input: 0.3}", B: "{input: 5, output: 20, cached_input: 0.5}"}
CONFIG = """\
version: v0.4.0
model_providers:
  - {{model: {a}, access_key: $ANTHROPIC_API_KEY}}
  - {{model: {b}, access_key: $OPENAI_API_KEY}}
  - {{model: {c}, access_key: $OPENAI_API_KEY, default: true}}
routing_preferences:
  - {{name: ra, description: the first, models: [{a}]}}
  - {{name: rb, description: the second, models: [{b}]}}
  - {{name: rc, description: the third, models: [{c}]}}
pricing:
  {a}: {price_a}
  {b}: {price_b}
  {c}: {{input: 0.1, output: 0.4}}
routing: {{session_ttl_seconds: {ttl}, routing_budget: {budget}}}
"""
BODY: dict[str, Any] = {"model": C, "messages": [{"role": "user", "content": "seven words that are counted as tokens"}]}


@contextmanager
def budgeted(*, budget: str = BUDGET, price_b: str = PRICES[B], ttl: int = 600) -> Iterator[tuple[Running, Later]]:
    """A gateway whose router says ``ra``, and the clock of its sessions; one request has bound s1 to A."""
    text = CONFIG.format(a=A, b=B, c=C, budget=budget, price_a=PRICES[A], price_b=price_b, ttl=ttl)
    with running(text, default="ra") as gateway:
        clock = gateway.app._sessions._clock = Later()
        assert served(gateway) == A
        yield gateway, clock


def served(gateway: Running, route: str | None = None, **headers: str) -> str:
    """Who answers the next turn of s1; ``route``: what the router says from now on."""
    if route is not None:
        gateway.classifier.default = route
    answer = gateway.chat(BODY, S1 | headers)
    assert answer.status_code == 200, answer.text
    return answer.headers["x-plano-model"]


def told(gateway: Running, **headers: str) -> dict[str, Any]:
    """The decision on the next turn of s1."""
    answer: dict[str, Any] = gateway.post("/routing/v1/chat/completions?explain=1", BODY, S1 | headers).json()
    return answer


def test_the_budget_pays_at_last() -> None:
    """Kept through warm turn 62, let go at 63; the metric has counted each; the way back is free, and warm."""
    with budgeted() as (gateway, _):
        gateway.classifier.default = "rb"
        assert [served(gateway) for _ in range(63)] == [A] * 62 + [B]
        metrics = gateway.admin("/metrics").text
        name = "plano_session_switch_decisions_total"
        assert f'{name}{{decision="retained",reason="over_cap"}} 62' in metrics
        assert f'{name}{{decision="allowed",reason="within_cap"}} 1' in metrics
        assert served(gateway, "ra") == A
        assert f'{name}{{decision="allowed",reason="free"}} 1' in gateway.admin("/metrics").text


def test_what_a_decision_says() -> None:
    """Retained: the session's model before the router's, its own route, pinned. Allowed: the router's, switched."""
    with budgeted() as (gateway, _):
        gateway.classifier.default = "rb"
        kept = told(gateway)
        assert (kept["models"], kept["route"], kept["pinned"], kept["switched"]) == ([A, B], "ra", True, False)
        switch = kept["explanation"]["session"]["switch"]
        assert (switch["reason"], switch["wanted"], switch["route"]) == ("over_cap", B, "rb")
        gateway.classifier.default = "rc"
        left = told(gateway)
        assert (left["models"], left["route"], left["pinned"], left["switched"]) == ([C], "rc", False, True)
        assert left["explanation"]["session"]["switch"]["reason"] == "free"


@pytest.mark.parametrize(("later_s", "model"), [(299.0, A), (301.0, B)])
def test_a_cold_session_is_free(later_s: float, model: str) -> None:
    """After five minutes no provider has the prompt any more: there is nothing to lose by leaving."""
    with budgeted() as (gateway, clock):
        clock.ahead_s = later_s
        assert served(gateway, "rb") == model


@pytest.mark.parametrize(
    ("budget", "price_b", "model"),
    [
        ("{max_switch_spend_pct: 0}", PRICES[B], A),
        ("{max_switch_spend_pct: 100}", "{input: 0.59, output: 1}", B),
        ("{max_switch_spend_pct: 100}", "{input: 0.61, output: 1}", A),
    ],
)
def test_the_share(budget: str, price_b: str, model: str) -> None:
    """At 0 % never; at 100 % the first warm turn pays for twice the cached rate."""
    with budgeted(budget=budget, price_b=price_b) as (gateway, _):
        assert served(gateway, "rb") == model


@pytest.mark.parametrize(("header", "model"), [("50", B), ("5", A), ("101", B), ("abc", B)])
def test_a_caller_tightens(header: str, model: str) -> None:
    """At 0.36 the switch takes a fifth of the first warm turn's baseline: a lower share of the caller's forbids it."""
    with budgeted(budget="{max_switch_spend_pct: 25}", price_b="{input: 0.36, output: 1}") as (gateway, _):
        gateway.classifier.default = "rb"
        assert told(gateway, **{"x-plano-max-switch-spend-pct": header})["models"][0] == model


def test_another_system_prompt_is_cold() -> None:
    """A prompt that begins in another way is in no cache: the router is followed, and the account begins anew."""
    with budgeted() as (gateway, _):
        assert served(gateway, "rb") == A
        other = {**BODY, "messages": [{"role": "system", "content": "be brief"}, *BODY["messages"]]}
        assert gateway.chat(other, S1).headers["x-plano-model"] == B


def test_a_failed_router_is_no_reason_to_leave() -> None:
    """Where the router chose nothing the session stays, without an account of it."""
    with budgeted() as (gateway, _):
        gateway.classifier.answers = {}
        body = {**BODY, "messages": [{"role": "assistant", "content": "no user speaks"}]}
        decision = gateway.decide(body, S1).json()
        assert (decision["models"], decision["pinned"]) == ([A], True)


def test_without_a_budget_the_router_is_not_asked() -> None:
    """Sessions without ``routing_budget`` stay as they were: pinned, and free of the router."""
    text = CONFIG.format(a=A, b=B, c=C, budget=BUDGET, price_a=PRICES[A], price_b=PRICES[B], ttl=600)
    text = text.replace(f", routing_budget: {BUDGET}", "")
    with running(text, default="ra") as gateway:
        served(gateway)
        assert served(gateway, "rc") == A
        assert len(gateway.classifier.questions) == 1
        # A caller's own share is a budget where none is configured: tighter than free switches, looser than none.
        assert told(gateway, **{"x-plano-max-switch-spend-pct": "10"})["models"] == [C]
