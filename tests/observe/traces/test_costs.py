"""Costs and sessions in spans, by the other gateway's names."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from plano.domain.catalog import Price, Rates
from plano.domain.decision import Decision
from plano.domain.episode import Episode, Switch
from plano.domain.session import Affinity, Binding, Session
from plano.domain.snapshot import Quote
from plano.domain.usage import Usage
from plano.observe.entry import Entry
from plano.observe.traces.otlp import request
from plano.observe.traces.spans import Spans
from plano.observe.traces.template import Templates
from plano.wire.traceparent import TraceContext
from tests.observe.samples import TRACE_ID, decision, entry, record, tried

from .receiver import spans_in

A, B = "openai/gpt-4o", "anthropic/claude-x"
SESSION = Session("s", b"s", Binding(A, "code", 1.0), idle_s=2.5, cost_usd=0.125)


def said(made: Decision, usage: Usage | None = None, *, shows_counterfactual: bool = False) -> Mapping[str, object]:
    """The attributes of the request's span, where the first model answered."""
    seen = replace(record(made, tried((A, "200"))), trace=TraceContext(TRACE_ID, "1" * 16, None))
    if usage is not None:
        seen = replace(seen, usage=lambda: usage)
    entered: Entry = entry(seen)
    spans = Templates(Spans({}, shows_counterfactual=shows_counterfactual))
    return spans_in(request([spans.of(entered)], version="1"))[0].attributes


def priced(rates: Rates) -> Decision:
    """A decision for a model of that price."""
    made = decision(A, B)
    candidates = [replace(each, price=Quote(1.0, "catalog", 60.0, price=Price(rates))) for each in made.candidates]
    return replace(made, candidates=tuple(candidates))


@pytest.mark.parametrize(
    ("rates", "usage", "costs"),
    [
        (Rates(3.0, 15.0, 0.30), Usage(1000, 200, 400), (0.00192, 0.003)),
        (Rates(3.0, 15.0), Usage(150, 0, 30, 20), (0.000369, 0.0)),
        (Rates(3.0, 15.0), Usage(1000, None), (0.003, None)),
    ],
)
def test_both_parts_of_the_cost(rates: Rates, usage: Usage, costs: tuple[float, float | None]) -> None:
    """Cached and written tokens at their rates; a part whose tokens are unknown is left out."""
    found = said(priced(rates), usage)
    assert (found.get("llm.usage.input_cost_usd"), found.get("llm.usage.output_cost_usd")) == costs


def test_no_cost_without_a_price() -> None:
    """Unknown is no number."""
    found = said(decision(A, B), Usage(1000, 200, reasoning_tokens=50))
    assert not [name for name in found if name.endswith("_cost_usd")]
    assert (found["llm.usage.total_tokens"], found["llm.usage.reasoning_tokens"]) == (1200, 50)


def of(affinity: Affinity, *, shows_counterfactual: bool = False) -> dict[str, object]:
    """What a span says of a session."""
    found = said(replace(decision(A, B), affinity=affinity), shows_counterfactual=shows_counterfactual)
    return {name: value for name, value in found.items() if name.startswith(("plano.s", "plano.c", "plano.routing"))}


def test_a_session() -> None:
    """What its answers have cost so far, and how long its model's cache has been idle."""
    assert of(Affinity(SESSION, is_pinned=True)) == {
        "plano.session.total_cost_in_usd": 0.125,
        "plano.cache.warm": True,
        "plano.cache.idle_ms": 2500,
    }
    assert of(Affinity(replace(SESSION, idle_s=301.0)))["plano.cache.warm"] is False
    assert of(Affinity(Session("s", b"s"))) == {"plano.session.total_cost_in_usd": 0.0}


def test_a_replay() -> None:
    """No user spoke, so the router was not asked; only where the session's model leads."""
    replayed = replace(SESSION, is_replay=True)
    assert of(Affinity(replayed, is_pinned=True))["plano.routing.skipped"] == "not_user_turn"
    assert "plano.routing.skipped" not in of(Affinity(replayed))


@pytest.mark.parametrize(("route", "name"), [("rb", f"{B} (rb)"), (None, B)])
def test_a_budget(route: str | None, name: str) -> None:
    """Its account, what it decided; and, where that is asked for, who was kept away."""
    episode = Episode(A, baseline_usd=0.5, spend_usd=0.05, switches=1)
    affinity = Affinity(SESSION, is_pinned=True, episode=episode, switch=Switch("over_cap", B, route, 0.125, 0.25))
    found = of(affinity)
    assert {key: value for key, value in found.items() if not key.startswith("plano.c")} == {
        "plano.session.total_cost_in_usd": 0.125,
        "plano.session.switch_spend_in_usd": 0.05,
        "plano.session.baseline_in_usd": 0.5,
        "plano.session.switches": 1,
        "plano.session.overhead_pct": 10.0,
        "plano.switch.decision": "retained/over_cap",
        "plano.switch.cost_in_usd": 0.25,
        "plano.switch.overhead_ceiling_in_usd": 0.125,
    }
    assert of(affinity, shows_counterfactual=True)["plano.switch.counterfactual_route"] == name
    allowed = replace(affinity, switch=Switch("free", B, route, 0.125, 0.25))
    assert "plano.switch.counterfactual_route" not in of(allowed, shows_counterfactual=True)
