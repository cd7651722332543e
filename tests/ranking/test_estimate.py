"""What one request would cost and take: estimates from what was learned, and nothing where nothing was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.catalog import Price, Rates, Tier
from plano.domain.decision import Expected
from plano.domain.request import Needs
from plano.domain.snapshot import Pace, Quote, Snapshot
from plano.ranking.estimate import expected, input_tokens, output_tokens, rounded_up

PRICE = Price(Rates(3.0, 15.0), (Tier(1000, Rates(6.0, 30.0)),))


@given(st.integers(0, 1 << 40))
def test_sizes_are_rounded_up(size: int) -> None:
    """Never down, by at most an eighth, always to the same number; small ones are all alike."""
    found = rounded_up(size)
    assert size <= found <= max(256, size * 1.125)
    assert rounded_up(found) == found


def test_few_sizes() -> None:
    """Eight for each doubling: what is remembered of like requests is found again."""
    assert len({rounded_up(size) for size in range(1 << 14, 1 << 15)}) == 9


@pytest.mark.parametrize(
    ("needs", "learned", "tokens"),
    [
        (Needs(400), {}, 100),
        (Needs(401), {}, 101),
        (Needs(400), {"m": 2.0}, 200),
        (Needs(400), {"other": 2.0}, 100),
        (Needs(400, ("image",), 3), {}, 3100),
    ],
)
def test_input_tokens(needs: Needs, learned: dict[str, float], tokens: int) -> None:
    """Four bytes are a token until the model has taught its own number; media count apart."""
    assert input_tokens("m", needs, Snapshot(0.0, bytes_per_token=learned)) == tokens


def test_output_tokens() -> None:
    """The mean of the route, within the caller's own limit; unknown without a route or before it is learned."""
    snapshot = Snapshot(0.0, output_tokens={"r": 250.4})
    assert output_tokens("r", Needs(), snapshot) == 250
    assert output_tokens("r", Needs(max_output_tokens=100), snapshot) == 100
    assert output_tokens("r", Needs(max_output_tokens=1000), snapshot) == 250
    assert (output_tokens("s", Needs(), snapshot), output_tokens(None, Needs(), snapshot)) == (None, None)


def test_cost_and_time() -> None:
    """Of both parts, at the tier of the prompt; the first token is in the time to the first token."""
    quote, pace = Quote(18.0, "x", 0.0, price=PRICE), Pace(0.5, "x", 0.0, tpot_s=0.01)
    found = expected(1000, 201, quote, pace)
    assert found.usd == pytest.approx((3000 + 201 * 15) / 1e6)
    assert found.seconds == pytest.approx(2.5)
    tiered = expected(1001, 200, quote, pace)
    assert tiered.usd == pytest.approx((1001 * 6 + 200 * 30) / 1e6)


@pytest.mark.parametrize(
    ("answer", "quote", "pace", "found"),
    [
        (None, Quote(1.0, "x", 0.0, price=PRICE), Pace(0.5, "x", 0.0, tpot_s=0.01), Expected(9)),
        (5, None, None, Expected(9, 5)),
        (5, Quote(1.0, "x", 0.0), Pace(0.5, "x", 0.0), Expected(9, 5)),
    ],
)
def test_unknown_is_none(answer: int | None, quote: Quote | None, pace: Pace | None, found: Expected) -> None:
    """Without the length, the rates or the time per token nothing is made up."""
    assert expected(9, answer, quote, pace) == found
