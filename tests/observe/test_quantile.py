"""Quantiles of durations, to within their promise, in bounded memory."""

from __future__ import annotations

from math import ceil, sqrt

from hypothesis import given
from hypothesis import strategies as st

from plano.observe.quantile import GROWTH, LONGEST_S, SHORTEST_S, Spread


@given(st.lists(st.floats(SHORTEST_S, LONGEST_S), min_size=1), st.floats(0.01, 1.0))
def test_a_quantile_is_near_the_true_one(durations: list[float], share: float) -> None:
    """No further off than √1.06, whatever the durations."""
    spread = Spread()
    for duration in durations:
        spread.add([duration])
    true = sorted(durations)[max(1, ceil(len(durations) * share)) - 1]
    told = spread.quantile(share)
    assert told is not None
    assert 1 / sqrt(GROWTH) - 1e-6 <= told / true <= sqrt(GROWTH) + 1e-6


def test_of_nothing_there_is_none() -> None:
    """Unknown, not 0."""
    assert Spread().quantile(0.5) is None
    assert Spread.of([]).quantile(0.5) is None


def test_the_ends() -> None:
    """A negative or absurd duration is the shortest or the longest one."""
    spread = Spread()
    for duration in (-1.0, 0.0, 1e9):
        spread.add([duration])
    assert spread.quantile(0.5) == SHORTEST_S
    longest = spread.quantile(1.0)
    assert longest is not None
    assert abs(longest / LONGEST_S - 1) < GROWTH - 1


@given(st.lists(st.floats(0, 1000)), st.lists(st.floats(0, 1000)))
def test_parts_add_up(one: list[float], other: list[float]) -> None:
    """Two spreads together are the spread of all durations."""
    parts = [Spread(), Spread()]
    whole = Spread()
    for part, durations in zip(parts, (one, other), strict=True):
        for duration in durations:
            part.add([duration])
        whole.add(durations)
    together = Spread.of(parts)
    assert together.count == whole.count
    assert [together.quantile(share) for share in (0.1, 0.5, 0.99)] == [
        whole.quantile(share) for share in (0.1, 0.5, 0.99)
    ]
