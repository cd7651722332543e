"""Exploration: a bounded share, the same for the same trace, and only where it can teach something."""

from __future__ import annotations

import random

import pytest

from plano.domain.decision import Candidate
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.route import SelectionPolicy
from plano.domain.snapshot import Pace
from plano.ranking.explore import FRESH_S, chosen, put_first, unmeasured

HERE = Endpoint(Origin("http", "h", 1), "/", "h")
FASTEST = SelectionPolicy("fastest")


def pool(*ages: float | None) -> list[Candidate]:
    """Ranked candidates whose latencies are that old."""
    return [
        Candidate(
            Model(str(number), "p", "m", HERE), number, latency=None if age is None else Pace(1.0, "measured", age)
        )
        for number, age in enumerate(ages, start=1)
    ]


@pytest.mark.parametrize(
    ("ages", "places"),
    [
        ((1.0, None, None), (1, 2)),
        ((1.0, FRESH_S, FRESH_S + 0.1), (2,)),
        ((None, None), ()),
        ((FRESH_S * 2, 1.0), ()),
        ((1.0, 2.0, 3.0), ()),
        ((), ()),
    ],
)
def test_who_is_worth_measuring(ages: tuple[float | None, ...], places: tuple[int, ...]) -> None:
    """Whoever is not first and has no fresh number, once anybody has one; the first one measures itself."""
    assert unmeasured(pool(*ages), FASTEST) == places


@pytest.mark.parametrize(
    ("policy", "explores"),
    [
        (SelectionPolicy(), False),
        (SelectionPolicy("cheapest"), False),
        (FASTEST, True),
        (SelectionPolicy("balanced"), True),
        (SelectionPolicy("balanced", 1.0, 0.0), False),
    ],
)
def test_only_where_latency_counts(policy: SelectionPolicy, explores: bool) -> None:
    """An author's order and a price are not changed by measuring."""
    assert bool(unmeasured(pool(1.0, None), policy)) is explores


def test_the_share_and_its_spread() -> None:
    """About two in a hundred traces, spread over the places; the same trace always has the same answer."""
    chance = random.Random(7)
    traces = [f"{chance.getrandbits(128):032x}" for _ in range(20_000)]
    found = [chosen(trace, (1, 2), 0.02) for trace in traces]
    assert found == [chosen(trace, (1, 2), 0.02) for trace in traces]
    assert [found.count(place) for place in (1, 2)] == pytest.approx([200, 200], abs=60)
    assert {chosen(trace, (1,), 0.0) for trace in traces} == {None}
    assert {chosen(trace, (1,), 1.0) for trace in traces} == {1}


def test_put_first() -> None:
    """One moves to the front, the others keep their order, all are numbered anew."""
    moved = put_first(pool(1.0, 1.0, None), 2)
    assert [(each.model.name, each.rank) for each in moved] == [("3", 1), ("1", 2), ("2", 3)]
