"""The spread of positive numbers: its error is bounded, and so are its size and its range."""

from __future__ import annotations

from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.signals.histogram import LEAST, MOST, LogHistogram


@given(st.lists(st.floats(LEAST, MOST), min_size=1, max_size=200), st.floats(0.0, 1.0))
def test_two_percent(values: list[float], share: float) -> None:
    """Any quantile is within 2 % of the true one."""
    one = LogHistogram()
    for value in values:
        one.add(value)
    (found,) = one.quantiles((share,))
    ranks = [(place + 1) / len(values) for place in range(len(values))]
    true = sorted(values)[min(bisect_left(ranks, share - 1e-9), len(values) - 1)]
    assert found == pytest.approx(true, rel=0.0201)


def test_many_shares_at_once() -> None:
    """Ascending shares give ascending numbers."""
    one = LogHistogram()
    for number in range(1, 1001):
        one.add(number / 1000)
    assert one.quantiles((0.5, 0.95, 0.99)) == pytest.approx((0.5, 0.95, 0.99), rel=0.021)


def test_nothing_counted() -> None:
    """Without a number there is no quantile."""
    assert LogHistogram().quantiles((0.5,)) == ()


@pytest.mark.parametrize(("value", "bound"), [(0.0, LEAST), (-1.0, LEAST), (1e-9, LEAST), (1e12, MOST)])
def test_outside_the_range(value: float, bound: float) -> None:
    """A number out of range counts as its nearest bound."""
    one = LogHistogram()
    one.add(value)
    assert one.quantiles((0.5,)) == pytest.approx((bound,), rel=0.0201)


def test_weights() -> None:
    """A number with three times the weight counts three times; scaling changes no quantile."""
    one = LogHistogram()
    one.add(0.1, 1.0)
    one.add(10.0, 3.0)
    before = one.quantiles((0.2, 0.3))
    one.scale(1e-6)
    assert one.quantiles((0.2, 0.3)) == before == pytest.approx((0.1, 10.0), rel=0.0201)
    assert one.weight == pytest.approx(4e-6)
