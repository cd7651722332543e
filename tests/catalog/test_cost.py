"""The cost of a usage: worked examples, and the laws that hold for every price."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.catalog.cost import Cost, cost_of, usd_of
from plano.domain.catalog import Price, Rates, Tier
from plano.domain.usage import Usage

SONNET = Price(Rates(3.0, 15.0, 0.3, 3.75))

tokens = st.integers(0, 2_000_000)
parts = st.none() | tokens
usd = st.floats(0, 1000, allow_nan=False)
rates = st.builds(Rates, usd, usd, st.none() | usd, st.none() | usd)
prices = st.builds(
    lambda base, tier, above, reasoning: Price(base, (Tier(above, tier),), reasoning),
    *(rates, rates, st.integers(1, 1_000_000), st.none() | usd),
)
usages = st.builds(Usage, tokens, tokens, parts, parts, parts)


def priced(usage: Usage, price: Price, **settings: float) -> tuple[float, float]:
    """Input and output cost of a usage that is known."""
    cost = cost_of(usage, price, **settings)
    assert cost.input_usd is not None
    assert cost.output_usd is not None
    assert cost.usd == cost.input_usd + cost.output_usd
    return cost.input_usd, cost.output_usd


@pytest.mark.parametrize(
    ("usage", "price", "expected"),
    [
        (Usage(1000, 200, cached_input_tokens=400), Price(Rates(3.0, 15.0, 0.30)), (0.00192, 0.003)),
        (Usage(150, 0, cached_input_tokens=30, cache_write_tokens=20), Price(Rates(3.0, 15.0)), (0.000369, 0.0)),
        (Usage(150, 0, cached_input_tokens=30, cache_write_tokens=20), SONNET, (0.000384, 0.0)),
        (Usage(0, 1000, reasoning_tokens=400), Price(Rates(1.0, 10.0), reasoning=20.0), (0.0, 0.014)),
        (Usage(0, 1000, reasoning_tokens=400), Price(Rates(1.0, 10.0)), (0.0, 0.01)),
        (Usage(1000, 1000), Price(Rates(1.0, 10.0), reasoning=20.0), (0.001, 0.01)),
        (Usage(0, 0), SONNET, (0.0, 0.0)),
    ],
    ids=["cached", "no cache prices", "cache write", "dearer reasoning", "reasoning as output", "no parts", "nothing"],
)
def test_worked_examples(usage: Usage, price: Price, expected: tuple[float, float]) -> None:
    """Cached, written and reasoning tokens each cost what the price says, or what stands in for it."""
    assert priced(usage, price) == pytest.approx(expected, abs=1e-15)


def test_the_prompt_chooses_the_tier_of_the_answer_too() -> None:
    """Above the bound the whole request costs the tier's rates; at the bound it does not yet. Cached tokens count."""
    price = Price(Rates(1.25, 10.0, 0.125), (Tier(200_000, Rates(2.5, 15.0, 0.25)),))
    below = priced(Usage(200_000, 1_000_000, cached_input_tokens=200_000), price)
    above = priced(Usage(200_001, 1_000_000, cached_input_tokens=200_001), price)
    assert below == pytest.approx((0.025, 10.0))
    assert above == pytest.approx((0.05000025, 15.0))


def test_the_discount_is_the_callers() -> None:
    """An unknown cached price is the configured share of the input price; a known one is not touched by it."""
    usage = Usage(1_000_000, 0, cached_input_tokens=1_000_000)
    assert priced(usage, Price(Rates(4.0, 1.0)), cache_read_discount=0.25)[0] == 1.0
    assert priced(usage, Price(Rates(4.0, 1.0, 0.5)), cache_read_discount=0.25)[0] == 0.5


def test_a_free_cache_is_not_an_unknown_one() -> None:
    """A cached price of 0 is 0, not the discount."""
    assert priced(Usage(1000, 0, cached_input_tokens=1000), Price(Rates(4.0, 1.0, 0.0)))[0] == 0.0


def test_counts_that_contradict_each_other_stay_within_the_larger() -> None:
    """A provider that reports more cached tokens than prompt tokens is not owed money."""
    price = Price(Rates(3.0, 15.0, 0.3, 3.75), reasoning=30.0)
    usage = Usage(100, 10, cached_input_tokens=500, cache_write_tokens=500, reasoning_tokens=50)
    assert priced(usage, price) == pytest.approx((100 * 0.3 / 1e6, 10 * 30 / 1e6))


@pytest.mark.parametrize(
    ("usage", "cost"),
    [(Usage(), Cost(None, None)), (Usage(1_000_000), Cost(3.0, None)), (Usage(None, 1_000_000), Cost(None, 15.0))],
)
def test_unknown_tokens_cost_an_unknown_amount(usage: Usage, cost: Cost) -> None:
    """What was not reported is not 0."""
    assert cost_of(usage, SONNET) == cost
    assert cost.usd is None


@given(usages, prices)
def test_a_cost_is_never_negative_and_never_above_its_dearest_rate(usage: Usage, price: Price) -> None:
    """Whatever the counts: between 0 and all tokens at the dearest rate that can apply to them."""
    at = price.at(usage.input_tokens or 0)
    dearest_in = max(at.input, at.cached_input or 0.0, at.cache_write or 0.0)
    dearest_out = max(at.output, price.reasoning or 0.0)
    input_usd, output_usd = priced(usage, price)
    assert 0.0 <= input_usd <= (usage.input_tokens or 0) * dearest_in / 1e6 * (1 + 1e-9)
    assert 0.0 <= output_usd <= (usage.output_tokens or 0) * dearest_out / 1e6 * (1 + 1e-9)


@given(usages, rates)
def test_cost_is_linear_in_the_price(usage: Usage, base: Rates) -> None:
    """Twice the rates cost twice as much."""
    cached = None if base.cached_input is None else base.cached_input * 2
    written = None if base.cache_write is None else base.cache_write * 2
    double = Price(Rates(base.input * 2, base.output * 2, cached, written))
    assert sum(priced(usage, double)) == pytest.approx(2 * sum(priced(usage, Price(base))))


@given(usages | st.sampled_from([Usage(), Usage(1), Usage(None, 1)]), prices)
def test_the_short_way_costs_the_same(usage: Usage, price: Price) -> None:
    """Both parts in one step are the sum of both parts."""
    assert usd_of(usage, price) == pytest.approx(cost_of(usage, price).usd)
