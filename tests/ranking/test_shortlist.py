"""Who may serve, and the reason of everyone who may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.decision import Candidate
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.route import AUTHORS_ORDER, SelectionPolicy
from plano.domain.snapshot import Reading, Snapshot
from plano.ranking.shortlist import assess

MODEL = Model("p/m", "p", "m", Endpoint(Origin("http", "localhost", 1), "/", "localhost"))


def assessed(
    policy: SelectionPolicy, *, price: float | None = None, latency: float | None = None, hold: float | None = None
) -> Candidate:
    """The verdict on one model at moment 100."""
    prices = {} if price is None else {"p/m": Reading(price, "config", 1.0)}
    latencies = {} if latency is None else {"p/m": Reading(latency, "feed", 2.0)}
    holds = {} if hold is None else {"p/m": hold}
    (one,) = assess((MODEL,), policy, Snapshot(100.0, prices, latencies, holds))
    return one


@pytest.mark.parametrize(
    ("price", "latency", "hold", "reason"),
    [
        (None, None, None, None),
        (5.0, 0.5, None, None),
        (5.01, None, None, "over_max_usd_per_mtok"),
        (None, 0.51, None, "over_max_ttft_s"),
        (9.0, 9.0, 200.0, "over_max_usd_per_mtok"),
        (1.0, 9.0, 200.0, "over_max_ttft_s"),
        (1.0, 0.1, 100.5, "held"),
        (1.0, 0.1, 100.0, None),
        (1.0, 0.1, 99.0, None),
    ],
)
def test_reasons(price: float | None, latency: float | None, hold: float | None, reason: str | None) -> None:
    """Ceilings are inclusive and come before holds; a hold is over at its moment; unknown numbers exclude nobody."""
    policy = SelectionPolicy(max_usd_per_mtok=5.0, max_ttft_s=0.5)
    assert assessed(policy, price=price, latency=latency, hold=hold).reason == reason


def test_the_numbers_are_those_of_the_snapshot() -> None:
    """A candidate carries its numbers with their sources, and how long its hold lasts; nobody has a rank yet."""
    one = assessed(AUTHORS_ORDER, price=3.0, latency=0.2, hold=101.5)
    assert (one.price, one.latency) == (Reading(3.0, "config", 1.0), Reading(0.2, "feed", 2.0))
    assert (one.free_in_s, one.rank) == (1.5, None)


@given(st.none() | st.floats(0, 1e9), st.none() | st.floats(0, 1e9))
def test_without_ceilings_no_number_excludes(price: float | None, latency: float | None) -> None:
    """Numbers exclude only where a policy says so."""
    assert assessed(AUTHORS_ORDER, price=price, latency=latency).reason is None


def test_everyone_once_in_order() -> None:
    """Nobody is dropped: every model comes back, in the author's order."""
    others = tuple(MODEL.called(f"p/{number}", str(number)) for number in range(5))
    assert [one.model for one in assess(iter(others), AUTHORS_ORDER, Snapshot(0.0))] == list(others)
