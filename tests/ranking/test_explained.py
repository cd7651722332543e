"""An explanation is enough: from its JSON alone the same order comes out again, and so does every cost and time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from plano.catalog.cost import CACHE_READ_DISCOUNT
from plano.domain.catalog import Price, Rates, Tier
from plano.domain.decision import Decision
from plano.domain.intent import Intent
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.request import Needs
from plano.domain.route import Prefer, SelectionPolicy
from plano.domain.session import Affinity, Binding, Session
from plano.domain.snapshot import Pace, Quote, Snapshot
from plano.ranking.affinity import stay
from plano.ranking.explore import put_first
from plano.ranking.rank import Ranking, rank
from plano.wire.decision import render

HERE = Endpoint(Origin("http", "h", 1), "/", "h")
NAMES = "abcde"
rate = st.floats(0, 100)
rates = st.builds(Rates, rate, rate, st.none() | rate)
price = st.none() | st.builds(Price, rates, st.sampled_from([(), (Tier(1000, Rates(50.0, 60.0)),)]))
pace = st.none() | st.builds(
    lambda first, each: Pace(first, "measured", 1.0, tpot_s=each), st.floats(0, 60), st.none() | st.floats(0, 1)
)
worlds = st.tuples(
    st.lists(price, min_size=5, max_size=5),
    st.lists(pace, min_size=5, max_size=5),
    st.dictionaries(st.sampled_from(NAMES), st.floats(1, 100), max_size=5),
    st.dictionaries(st.just("r"), st.floats(1, 5000)),
)
policies = st.builds(
    SelectionPolicy,
    st.sampled_from(["none", "cheapest", "fastest", "balanced"]),
    st.floats(0.1, 9),
    st.floats(0.1, 9),
    st.none() | st.floats(1, 150),
    st.none() | st.floats(0.1, 50),
)


def decided(world: Any, policy: SelectionPolicy, size: int) -> Decision:
    """A ranking of five models as a decision."""
    prices, paces, holds, lengths = world
    snapshot = Snapshot(
        10.0,
        {
            name: Quote(round(one.usd_per_mtok, 6), "config", 0.0, price=one)
            for name, one in zip(NAMES, prices, strict=True)
            if one is not None
        },
        {name: one for name, one in zip(NAMES, paces, strict=True) if one is not None},
        holds,
        output_tokens=lengths,
    )
    pool = [Model(name, "p", name, HERE) for name in NAMES]
    own = Model("own", "p", "own", HERE)
    found = rank(pool, policy, snapshot, own=own, needs=Needs(size), route="r")
    weights = (policy.cost_weight, policy.latency_weight) if policy.prefer == "balanced" else None
    return Decision("r", "0" * 32, found.candidates, Intent("r"), policy.prefer, weights, found.lift)


def told_of(decision: Decision) -> dict[str, Any]:
    """What a caller of ``?explain=1`` reads."""
    return dict(json.loads(render(decision, explain=True))["explanation"])


def explained(world: Any, policy: SelectionPolicy, size: int) -> dict[str, Any]:
    """What a caller of ``?explain=1`` reads about a ranking of five models."""
    return told_of(decided(world, policy, size))


def in_session(decision: Decision, place: int, cached: int) -> Decision | None:
    """The decision, had its session been bound to the candidate at ``place``; None where it could not stay there."""
    bound = decision.candidates[place % len(decision.candidates)].model.name
    session = Session("s", b"", Binding(bound, decision.route, 0.0, cached))
    stayed = stay(session, Ranking(decision.candidates, decision.lift))
    if stayed is None:
        return None
    return replace(decision, candidates=stayed.candidates, affinity=Affinity(session, is_pinned=True))


def cost(one: dict[str, Any]) -> float:
    """What is compared by ``cheapest``."""
    if one["expected"]["usd"] is not None:
        return float(one["expected"]["usd"])
    return float("inf") if one["price_usd_per_mtok"] is None else float(one["price_usd_per_mtok"]["value"])


def time(one: dict[str, Any]) -> float:
    """What is compared by ``fastest``."""
    if one["expected"]["seconds"] is not None:
        return float(one["expected"]["seconds"])
    return float("inf") if one["latency_s"] is None else float(one["latency_s"]["value"])


def scores(told: dict[str, Any], ranked: list[dict[str, Any]]) -> list[float]:
    """The number that each ranked candidate is ordered by, from the answer alone."""
    prefer: Prefer = told["prefer"]
    if prefer == "none" or told["lift"] not in (None, "held"):
        return [0.0] * len(ranked)
    if prefer == "cheapest":
        return [cost(one) for one in ranked]
    if prefer == "fastest":
        return [time(one) for one in ranked]
    inf = float("inf")
    dearest = max((cost(one) for one in ranked if cost(one) < inf), default=0.0) or 1.0
    slowest = max((time(one) for one in ranked if time(one) < inf), default=0.0) or 1.0
    weights = told["weights"]
    return [weights["cost"] * cost(one) / dearest + weights["latency"] * time(one) / slowest for one in ranked]


@given(worlds, policies, st.integers(1, 100_000))
def test_the_order_comes_out_again(world: Any, policy: SelectionPolicy, size: int) -> None:
    """Sorted by what the explanation says, the ranked candidates stand as they stood."""
    told = explained(world, policy, size)
    ranked = sorted([one for one in told["candidates"] if one["rank"] is not None], key=lambda one: one["rank"])
    found = scores(told, ranked)
    if told["lift"] == "held" or (told["lift"] is not None and any(one["health"] == "held" for one in ranked)):
        waits = [one["free_in_s"] for one in ranked]
        assert waits == sorted(waits)
    else:
        assert found == sorted(found)


@given(worlds, policies, st.integers(1, 100_000))
def test_costs_and_times_come_out_again(world: Any, policy: SelectionPolicy, size: int) -> None:
    """Rates times tokens, and the first token plus the others, give the expected numbers."""
    for one in explained(world, policy, size)["candidates"]:
        tokens = one["expected"]
        if tokens["usd"] is not None:
            rates = one["rates_usd_per_mtok"]
            assert tokens["cached_tokens"] == 0
            usd = (tokens["input_tokens"] * rates["input"] + tokens["output_tokens"] * rates["output"]) / 1e6
            assert tokens["usd"] == pytest.approx(usd)
        if tokens["seconds"] is not None:
            seconds = one["latency_s"]["value"] + max(0, tokens["output_tokens"] - 1) * one["tpot_s"]
            assert tokens["seconds"] == pytest.approx(seconds)


@given(worlds, policies, st.integers(1, 100_000), st.integers(0, 4), st.integers(1, 50_000))
def test_a_session_comes_out_again(world: Any, policy: SelectionPolicy, size: int, place: int, cached: int) -> None:
    """The session's model leads, its cached share is charged as one, and the others stand by their numbers."""
    decision = in_session(decided(world, policy, size), place, cached)
    if decision is None:
        return
    told = told_of(decision)
    first, *others = [one for one in told["candidates"] if one["rank"] is not None]
    assert [one["rank"] for one in (first, *others)] == list(range(1, len(others) + 2))
    assert first["model"] == told["session"]["bound_to"]
    tokens, rates = first["expected"], first["rates_usd_per_mtok"]
    assert tokens["cached_tokens"] == min(cached, tokens["input_tokens"])
    if tokens["usd"] is not None:
        rate = rates["input"] * CACHE_READ_DISCOUNT if rates["cached_input"] is None else rates["cached_input"]
        fresh = tokens["input_tokens"] - tokens["cached_tokens"]
        usd = fresh * rates["input"] + tokens["cached_tokens"] * rate + tokens["output_tokens"] * rates["output"]
        assert tokens["usd"] == pytest.approx(usd / 1e6)
    if told["lift"] is None and policy.prefer in ("cheapest", "fastest"):
        found = scores(told, others)
        assert found == sorted(found)


@given(worlds, policies, st.integers(1, 100_000), st.integers(1, 4))
def test_an_exploration_comes_out_again(world: Any, policy: SelectionPolicy, size: int, place: int) -> None:
    """It says that it is one; behind the model that is measured, the others stand by their numbers."""
    decision = decided(world, policy, size)
    ranked = decision.ranked
    if decision.lift is not None or place >= len(ranked):
        return
    left_out = [each for each in decision.candidates if each.rank is None]
    told = told_of(replace(decision, candidates=(*put_first(ranked, place), *left_out), is_exploration=True))
    _, *others = [one for one in told["candidates"] if one["rank"] is not None]
    assert told["is_exploration"]
    if policy.prefer != "balanced":
        found = scores(told, others)
        assert found == sorted(found)
