"""The order of candidates under each policy."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.decision import Candidate
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.route import Prefer, SelectionPolicy
from plano.domain.snapshot import Pace, Quote
from plano.ranking.score import in_order

HERE = Endpoint(Origin("http", "localhost", 1), "/", "localhost")


def candidate(name: str, price: float | None = None, latency: float | None = None) -> Candidate:
    """A candidate with these numbers."""
    one = None if price is None else Quote(price, "config", 0.0)
    two = None if latency is None else Pace(latency, "config", 0.0)
    return Candidate(Model(name, "p", name, HERE), None, None, one, two)


def order(policy: SelectionPolicy, *candidates: Candidate) -> str:
    """The names in order."""
    return "".join(one.model.name for one in in_order(candidates, policy))


numbers = st.none() | st.floats(0, 1e6)
pools = st.lists(st.tuples(numbers, numbers), max_size=6).map(
    lambda rows: tuple(candidate(str(place), *row) for place, row in enumerate(rows))
)
policies = st.builds(
    SelectionPolicy,
    prefer=st.sampled_from(["none", "cheapest", "fastest", "balanced"]),
    cost_weight=st.floats(0, 10),
    latency_weight=st.floats(0, 10),
)


@given(pools, policies)
def test_nobody_is_lost(pool: tuple[Candidate, ...], policy: SelectionPolicy) -> None:
    """The order is a permutation, and ordering again changes nothing."""
    ordered = in_order(pool, policy)
    assert sorted(one.model.name for one in ordered) == sorted(one.model.name for one in pool)
    assert in_order(ordered, policy) == ordered


@given(pools, st.sampled_from(["cheapest", "fastest"]))
def test_ascending_unknown_last_ties_as_written(pool: tuple[Candidate, ...], prefer: Prefer) -> None:
    """Known numbers ascend, unknown ones come last, equals keep the author's order."""
    for one, two in pairwise(in_order(pool, SelectionPolicy(prefer))):
        first, second = (
            (reading.value if reading is not None else float("inf"), int(who.model.name))
            for who in (one, two)
            for reading in (who.price if prefer == "cheapest" else who.latency,)
        )
        assert first < second


@pytest.mark.parametrize(
    ("cost", "latency", "expected"),
    [(1.0, 0.0, "ab"), (0.0, 1.0, "ba"), (0.5, 0.5, "ab"), (0.4, 0.6, "ba"), (0.0, 0.0, "ab")],
)
def test_balanced_weighs(cost: float, latency: float, expected: str) -> None:
    """Each number is divided by the largest: a costs 1/10 and takes all, b the other way round; weights decide."""
    policy = SelectionPolicy("balanced", cost, latency)
    assert order(policy, candidate("a", 1.0, 2.0), candidate("b", 10.0, 0.2)) == expected


def test_balanced_with_a_number_missing() -> None:
    """An unknown number counts where its weight is above 0, and nowhere else."""
    pool = candidate("a", None, 0.1), candidate("b", 5.0, 0.2)
    assert order(SelectionPolicy("balanced", 0.5, 0.5), *pool) == "ba"
    assert order(SelectionPolicy("balanced", 0.0, 1.0), *pool) == "ab"
    slower = candidate("a", None, 0.3)
    assert order(SelectionPolicy("balanced", 0.0, 1.0), slower, pool[1]) == "ba"


def test_balanced_when_everything_is_free() -> None:
    """Prices of 0 do not divide by 0: the other number decides."""
    assert order(SelectionPolicy("balanced"), candidate("a", 0.0, 0.2), candidate("b", 0.0, 0.1)) == "ba"


def test_none_is_the_authors_order() -> None:
    """Without a preference numbers do not matter."""
    assert order(SelectionPolicy(), candidate("a", 9.0, 9.0), candidate("b", 1.0, 1.0)) == "ab"
