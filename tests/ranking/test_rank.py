"""Who may serve, in which order, and why."""

from __future__ import annotations

import pytest

from plano.domain.decision import Candidate
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.route import SelectionPolicy
from plano.domain.snapshot import Reading, Snapshot
from plano.ranking.rank import rank

ENDPOINT = Endpoint(Origin("http", "h", 1), "/", "h")
OWN = Model("own", "p", "own", ENDPOINT)


def models(names: str) -> list[Model]:
    """One model per letter."""
    return [Model(name, "p", name, ENDPOINT) for name in names]


def readings(**values: float) -> dict[str, Reading]:
    """Live numbers by model."""
    return {name: Reading(value, "test", 1.0) for name, value in values.items()}


def order(found: tuple[Candidate, ...]) -> str:
    """The ranked models, best first, then after a bar those left out."""
    ranked = sorted((one for one in found if one.rank is not None), key=lambda one: one.rank or 0)
    left_out = [one for one in found if one.rank is None]
    assert list(found) == ranked + left_out
    assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
    names = "".join(one.model.name for one in ranked)
    return names + ("|" + "".join(one.model.name for one in left_out) if left_out else "")


PRICES, LATENCIES = readings(a=18.0, b=12.5, c=0.75), readings(a=2.0, b=0.8, c=0.4)


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
    snapshot = Snapshot(0.0, readings(a=1.0, b=1.0, c=1.0))
    assert order(rank(models("bca"), SelectionPolicy("cheapest"), snapshot, own=OWN)) == "bca"


def test_ceilings_over_everyone_give_the_own_model() -> None:
    """A ceiling is never broken: the request's own model is the one candidate, the reasons stay visible."""
    found = rank(models("ab"), SelectionPolicy(max_usd_per_mtok=0.1), Snapshot(0.0, PRICES), own=OWN)
    assert [(one.model.name, one.rank, one.reason) for one in found] == [
        ("own", 1, None),
        ("a", None, "over_max_usd_per_mtok"),
        ("b", None, "over_max_usd_per_mtok"),
    ]


def test_held_models_are_left_out() -> None:
    """A model under a promise is not ranked while another is free."""
    found = rank(models("abc"), SelectionPolicy(), Snapshot(10.0, holds={"a": 15.0, "c": 9.0}), own=OWN)
    assert order(found) == "bc|a"
    assert (found[-1].reason, found[-1].free_in_s) == ("held", 5.0)


def test_all_held_are_listed_by_when_they_are_free() -> None:
    """When all are held, all stay listed, the first to be free in front; ties by rank."""
    snapshot = Snapshot(0.0, holds={"a": 30.0, "b": 10.0, "c": 30.0})
    assert order(rank(models("abc"), SelectionPolicy(), snapshot, own=OWN)) == "bac"


def test_readings_reach_the_candidates() -> None:
    """What was used for ranking can be shown."""
    (found,) = rank(models("a"), SelectionPolicy(), Snapshot(0.0, PRICES, LATENCIES), own=OWN)
    assert (found.price, found.latency) == (PRICES["a"], LATENCIES["a"])
