"""Who may serve, and the reason of everyone who may not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.catalog import Capabilities
from plano.domain.decision import Candidate
from plano.domain.model import Endpoint, Model, Origin
from plano.domain.request import Needs
from plano.domain.route import AUTHORS_ORDER, SelectionPolicy
from plano.domain.snapshot import Pace, Quote, Snapshot
from plano.ranking.shortlist import assess

MODEL = Model("p/m", "p", "m", Endpoint(Origin("http", "localhost", 1), "/", "localhost"))


def assessed(
    policy: SelectionPolicy, *, price: float | None = None, latency: float | None = None, hold: float | None = None
) -> Candidate:
    """The verdict on one model at moment 100."""
    prices = {} if price is None else {"p/m": Quote(price, "config", 1.0)}
    latencies = {} if latency is None else {"p/m": Pace(latency, "feed", 2.0)}
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
    assert (one.price, one.latency) == (Quote(3.0, "config", 1.0), Pace(0.2, "feed", 2.0))
    assert (one.free_in_s, one.rank) == (1.5, None)


@given(st.none() | st.floats(0, 1e9), st.none() | st.floats(0, 1e9))
def test_without_ceilings_no_number_excludes(price: float | None, latency: float | None) -> None:
    """Numbers exclude only where a policy says so."""
    assert assessed(AUTHORS_ORDER, price=price, latency=latency).reason is None


def test_everyone_once_in_order() -> None:
    """Nobody is dropped: every model comes back, in the author's order."""
    others = tuple(MODEL.called(f"p/{number}", str(number)) for number in range(5))
    assert [one.model for one in assess(iter(others), AUTHORS_ORDER, Snapshot(0.0))] == list(others)


def able(can: Capabilities, needs: Needs) -> str | None:
    """The reason of one model with these capabilities."""
    (one,) = assess((MODEL,), AUTHORS_ORDER, Snapshot(0.0, facts={"p/m": can}), needs)
    return one.reason


TEXT_ONLY = Capabilities(input_modalities=("text",))


@pytest.mark.parametrize(
    ("can", "needs", "reason"),
    [
        (TEXT_ONLY, Needs(9), None),
        (TEXT_ONLY, Needs(9, ("image",), 1), "modality"),
        (Capabilities(input_modalities=("text", "image")), Needs(9, ("image",), 1), None),
        (Capabilities(input_modalities=("text", "image")), Needs(9, ("image", "pdf"), 1), "modality"),
        (Capabilities(), Needs(9, ("image",), 1, True, True), None),
        (Capabilities(tools=False), Needs(9, tools=True), "tools"),
        (Capabilities(tools=False), Needs(9), None),
        (Capabilities(structured_output=False), Needs(9, structured_output=True), "structured_output"),
    ],
)
def test_what_a_model_cannot_do(can: Capabilities, needs: Needs, reason: str | None) -> None:
    """Known to be unable is a reason, unknown is none."""
    assert able(can, needs) == reason


@pytest.mark.parametrize(
    ("limit", "needs", "learned", "reason"),
    [
        (None, Needs(1 << 30), None, None),
        (1000, Needs(5000), None, None),
        (1000, Needs(5001), None, "window"),
        (1000, Needs(0, ("image",), 2), None, "window"),
        (1000, Needs(4400), 4.0, None),
        (1000, Needs(4401), 4.0, "window"),
        (1000, Needs(2200), 2.0, None),
        (1000, Needs(2201), 2.0, "window"),
    ],
)
def test_a_window_that_is_too_small(limit: int | None, needs: Needs, learned: float | None, reason: str | None) -> None:
    """It may be exceeded by the error of the estimate: 25 %, and 10 % once the bytes of a token are learned."""
    snapshot = Snapshot(0.0, bytes_per_token={} if learned is None else {"p/m": learned})
    (one,) = assess((replace(MODEL, prompt_limit=limit),), AUTHORS_ORDER, snapshot, needs)
    assert one.reason == reason


def test_times_are_compared_by_one_number() -> None:
    """Where one latency has no time per token, no candidate has an expected time."""
    latencies = {"p/a": Pace(0.5, "x", 0.0, tpot_s=0.01), "p/b": Pace(0.4, "x", 0.0)}
    pool = tuple(MODEL.called(name, name) for name in ("p/a", "p/b", "p/c"))
    known = Snapshot(0.0, latencies=latencies, output_tokens={"r": 101.0})
    assert [each.time for each in assess(pool, AUTHORS_ORDER, known, route="r")] == [0.5, 0.4, None]
    both = Snapshot(0.0, latencies={"p/a": latencies["p/a"]}, output_tokens={"r": 101.0})
    assert [each.time for each in assess(pool, AUTHORS_ORDER, both, route="r")] == [1.5, None, None]
