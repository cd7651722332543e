"""Who may serve, in which order, and why."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from plano.domain.catalog import Capabilities, Price, Rates
from plano.domain.model import Endpoint, Model, ModelTable, Origin
from plano.domain.request import Needs
from plano.domain.route import Route, SelectionPolicy
from plano.domain.snapshot import Pace, Quote, Snapshot
from plano.ranking.rank import Ranking, Rankings, rank

ENDPOINT = Endpoint(Origin("http", "h", 1), "/", "h")
OWN = Model("own", "p", "own", ENDPOINT)


def models(names: str) -> list[Model]:
    """One model per letter."""
    return [Model(name, "p", name, ENDPOINT) for name in names]


def paces(**values: float) -> dict[str, Pace]:
    """Live numbers by model."""
    return {name: Pace(value, "test", 1.0) for name, value in values.items()}


def order(ranking: Ranking) -> str:
    """The ranked models, best first, then after a bar those left out."""
    found = ranking.candidates
    ranked = sorted((one for one in found if one.rank is not None), key=lambda one: one.rank or 0)
    left_out = [one for one in found if one.rank is None]
    assert list(found) == ranked + left_out
    assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
    names = "".join(one.model.name for one in ranked)
    return names + ("|" + "".join(one.model.name for one in left_out) if left_out else "")


def quotes(**values: float) -> dict[str, Quote]:
    """Prices by model."""
    return {name: Quote(value, "test", 1.0) for name, value in values.items()}


PRICES, LATENCIES = quotes(a=18.0, b=12.5, c=0.75), paces(a=2.0, b=0.8, c=0.4)


@pytest.mark.parametrize(
    ("policy", "names", "expected"),
    [
        (SelectionPolicy(), "abc", "abc"),
        (SelectionPolicy("cheapest"), "abc", "cba"),
        (SelectionPolicy("fastest"), "abc", "cba"),
        (SelectionPolicy("cheapest"), "xacb", "cbax"),
        (SelectionPolicy("fastest"), "xya", "axy"),
        (SelectionPolicy("balanced", cost_weight=1.0, latency_weight=0.0), "abcx", "cbax"),
        (SelectionPolicy("balanced", cost_weight=0.0, latency_weight=1.0), "abc", "cba"),
        (SelectionPolicy("balanced"), "abc", "cba"),
        (SelectionPolicy(max_usd_per_mtok=13.0), "abc", "bc|a"),
        (SelectionPolicy(max_ttft_s=1.0), "abc", "bc|a"),
        (SelectionPolicy("cheapest", max_usd_per_mtok=13.0), "xabc", "cbx|a"),
    ],
)
def test_order_by_policy(policy: SelectionPolicy, names: str, expected: str) -> None:
    """Each policy orders by its number, unknown ones last, ties in the author's order; ceilings are kept."""
    assert order(rank(models(names), policy, Snapshot(0.0, PRICES, LATENCIES), own=OWN)) == expected


def test_equal_numbers_keep_the_authors_order() -> None:
    """A tie is never broken by chance."""
    snapshot = Snapshot(0.0, quotes(a=1.0, b=1.0, c=1.0))
    assert order(rank(models("bca"), SelectionPolicy("cheapest"), snapshot, own=OWN)) == "bca"


def test_ceilings_over_everyone_give_the_own_model() -> None:
    """A ceiling is never broken: the request's own model is the one candidate, the reasons stay visible."""
    found = rank(models("ab"), SelectionPolicy(max_usd_per_mtok=0.1), Snapshot(0.0, PRICES), own=OWN)
    assert [(one.model.name, one.rank, one.reason) for one in found.candidates] == [
        ("own", 1, None),
        ("a", None, "over_max_usd_per_mtok"),
        ("b", None, "over_max_usd_per_mtok"),
    ]


def test_held_models_are_left_out() -> None:
    """A model under a promise is not ranked while another is free."""
    found = rank(models("abc"), SelectionPolicy(), Snapshot(10.0, holds={"a": 15.0, "c": 9.0}), own=OWN)
    assert order(found) == "bc|a"
    assert (found.candidates[-1].reason, found.candidates[-1].free_in_s) == ("held", 5.0)


def test_all_held_are_listed_by_when_they_are_free() -> None:
    """When all are held, all stay listed, the first to be free in front; ties by rank."""
    snapshot = Snapshot(0.0, holds={"a": 30.0, "b": 10.0, "c": 30.0})
    assert order(rank(models("abc"), SelectionPolicy(), snapshot, own=OWN)) == "bac"


def test_readings_reach_the_candidates() -> None:
    """What was used for ranking can be shown."""
    (found,) = rank(models("a"), SelectionPolicy(), Snapshot(0.0, PRICES, LATENCIES), own=OWN).candidates
    assert (found.price, found.latency) == (PRICES["a"], LATENCIES["a"])


def test_nobody_can_serve_it() -> None:
    """As a last resort all stay listed in the author's order, and the reason that keeps most of them back is named."""
    facts = {"a": Capabilities(tools=False), "b": Capabilities(structured_output=False), "c": Capabilities(tools=False)}
    snapshot = Snapshot(0.0, PRICES, LATENCIES, facts=facts)
    found = rank(models("abc"), SelectionPolicy("cheapest"), snapshot, own=OWN, needs=Needs(9, (), 0, True, True))
    assert (order(found), found.lift) == ("abc", "tools")
    assert [each.reason for each in found.candidates] == ["tools", "structured_output", "tools"]


def test_held_but_able_comes_before_unable() -> None:
    """A model that asked for patience can still serve the request; one that cannot read it never will."""
    facts = {"a": Capabilities(tools=False)}
    snapshot = Snapshot(0.0, holds={"b": 9.0}, facts=facts)
    found = rank(models("ab"), SelectionPolicy(), snapshot, own=OWN, needs=Needs(9, tools=True))
    assert (order(found), found.lift is not None) == ("b|a", True)


def test_ceilings_name_what_would_have_to_be_lifted() -> None:
    """Who is free of a reason needs nothing lifted."""
    snapshot = Snapshot(0.0, PRICES)
    assert rank(models("ab"), SelectionPolicy(max_usd_per_mtok=0.1), snapshot, own=OWN).lift == "over_max_usd_per_mtok"
    assert rank(models("ab"), SelectionPolicy(max_usd_per_mtok=13.0), snapshot, own=OWN).lift is None


def test_cheapest_for_this_request() -> None:
    """A long prompt with a short answer is cheap where input is cheap, though the plain sum says otherwise."""
    rates = {"a": Price(Rates(1.0, 12.0)), "b": Price(Rates(5.0, 5.0))}
    prices = {name: Quote(price.usd_per_mtok, "test", 0.0, price=price) for name, price in rates.items()}
    route = Route("r", "d", ("a", "b"), SelectionPolicy("cheapest"))
    table = ModelTable({name: Model(name, "p", name, ENDPOINT) for name in "ab"})
    before, after = Snapshot(0.0, prices), Snapshot(0.0, prices, output_tokens={"r": 100.0})
    rankings = Rankings(table)
    long, short = Needs(100_000), Needs(100)

    def first(snapshot: Snapshot, needs: Needs) -> str:
        return rankings.of(route, snapshot, own=OWN, needs=needs).candidates[0].model.name

    assert (first(before, long), first(before, short)) == ("b", "b")
    assert (first(after, long), first(after, short)) == ("a", "b")


def test_rankings_are_remembered_for_one_photograph() -> None:
    """Like requests get the same object, other sizes and another photograph do not."""
    route = Route("r", "d", ("a", "b"), SelectionPolicy("cheapest"))
    rankings, snapshot = Rankings(ModelTable({name: Model(name, "p", name, ENDPOINT) for name in "ab"})), Snapshot(0.0)
    one = rankings.of(route, snapshot, own=OWN, needs=Needs(20_000))
    assert rankings.of(route, snapshot, own=OWN, needs=Needs(20_001)) is one
    assert rankings.of(route, snapshot, own=OWN, needs=Needs(30_000)) is not one
    assert rankings.of(route, Snapshot(0.0), own=OWN, needs=Needs(20_000)) is not one


def test_exploration_is_decided_by_the_trace() -> None:
    """The whole share, none of it, and none where latencies are not learned by trying."""
    table = ModelTable({name: Model(name, "p", name, ENDPOINT) for name in "ab"})
    route = Route("r", "d", ("a", "b"), SelectionPolicy("fastest"))
    known = Snapshot(0.0, latencies={"a": Pace(0.1, "measured", 1.0)}, explores=True)
    trace = "0" * 32

    def explored(snapshot: Snapshot, share: float) -> tuple[str, bool]:
        found = Rankings(table, exploration=share).of(route, snapshot, own=OWN, trace_id=trace)
        return found.candidates[0].model.name, found.is_exploration

    assert explored(known, 1.0) == ("b", True)
    assert explored(known, 0.0) == ("a", False)
    assert explored(replace(known, explores=False), 1.0) == ("a", False)


def test_a_ceiling_over_everyone_depends_on_who_asks() -> None:
    """Two requests of one photograph that name different models of their own get each its own, not the other's."""
    table = ModelTable({name: Model(name, "p", name, ENDPOINT) for name in "ab"})
    route = Route("r", "d", ("a", "b"), SelectionPolicy(max_usd_per_mtok=0.1))
    rankings, snapshot = Rankings(table), Snapshot(0.0, PRICES)
    for own in (OWN, Model("other", "p", "other", ENDPOINT), OWN):
        assert rankings.of(route, snapshot, own=own).candidates[0].model is own
