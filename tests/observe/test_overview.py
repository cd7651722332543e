"""The rows that are shown, from what was counted."""

from __future__ import annotations

import msgspec

from plano.observe.alike import alike
from plano.observe.overview import columns, columns_of, overview
from plano.observe.series import Series

from .samples import decision, entry, record, tried

ANSWERED = entry(record(decision("a", "b"), tried(("a", "429"), ("b", "200"))))


def filled(*costs: float | None) -> Series:
    """A series with an answer of each cost."""
    series = Series(lambda: 1000.0)
    series.take(alike([msgspec.structs.replace(ANSWERED, cost_usd=cost) for cost in costs]))
    return series


def test_nothing_happened() -> None:
    """No rows, and every number that needs a request is unknown."""
    shown = overview((), window_s=300)
    assert (shown.models, shown.routes, shown.total.requests) == ((), (), 0)
    assert shown.total.cost_usd is None
    assert shown.total.seconds.p50 is None


def test_cost() -> None:
    """Of what is known; per thousand answers by those whose cost is known, and unknown when it is of none."""
    shown = overview(filled(0.5, None, 0.25).last(60), window_s=60)
    assert (shown.total.cost_usd, shown.total.uncosted) == (0.75, 1)
    row = next(row for row in shown.models if row.model == "b")
    assert row.usd_per_1k == 375
    unknown = overview(filled(None).last(60), window_s=60)
    assert unknown.total.cost_usd is None
    assert all(row.usd_per_1k is None for row in unknown.models)


def test_shares() -> None:
    """Of answers by model, of decisions by route; the busiest row first."""
    series = filled(None, None, None)
    series.take(alike([entry(record(decision("c", route=None), tried(("c", "200"))))]))
    shown = overview(series.last(60), window_s=60)
    assert {row.model: row.share for row in shown.models} == {"a": 0.0, "b": 0.75, "c": 0.25}
    assert [(row.route, row.share) for row in shown.routes] == [("code", 0.75), (None, 0.25)]


def test_columns() -> None:
    """One row for each stretch: of everything, and of one model."""
    stretches = filled(0.5).last(60)
    whole = columns(stretches)
    assert (whole.at, whole.requests, whole.errors, whole.cost_usd) == ((1000,), (1,), (0,), (0.5,))
    one = columns_of("a", stretches)
    assert (one.requests, one.errors, one.cost_usd) == ((1,), (1,), (None,))
