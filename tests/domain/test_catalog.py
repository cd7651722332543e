"""Prices and capabilities: what cannot be a price cannot become one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.catalog import Capabilities, CatalogEntry, Price, Provenance, Rates, Tier

ODD = (-0.01, -math.inf, math.inf, math.nan)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("part", ["input", "output", "cached_input", "cache_write"])
def test_no_rate_is_negative_or_not_finite(part: str, odd: float) -> None:
    """Every part of a rate is a finite number of at least 0."""
    with pytest.raises(ValueError, match="is no price"):
        Rates(**{"input": 1.0, "output": 2.0, part: odd})


@pytest.mark.parametrize("odd", ODD)
def test_no_reasoning_price_is_odd(odd: float) -> None:
    """The same holds for reasoning tokens."""
    with pytest.raises(ValueError, match="is no price"):
        Price(Rates(1.0, 2.0), reasoning=odd)


def test_what_is_not_stated_is_unknown() -> None:
    """A missing number is None, and 0 is a price."""
    rates = Rates(0.0, 0.0)
    assert (rates.cached_input, rates.cache_write, Price(rates).reasoning) == (None, None, None)
    assert Price(rates).usd_per_mtok == 0.0
    assert Capabilities().prompt_limit is None


@pytest.mark.parametrize("bounds", [(2, 1), (1, 1), (1, 3, 2)])
def test_tiers_rise(bounds: tuple[int, ...]) -> None:
    """Tiers out of order or twice the same are refused: two readers could choose differently."""
    with pytest.raises(ValueError, match="tiers must rise"):
        Price(Rates(1.0, 1.0), tuple(Tier(bound, Rates(2.0, 2.0)) for bound in bounds))


@pytest.mark.parametrize("bound", [0, -1])
def test_a_tier_begins_above_nothing_less_than_one_token(bound: int) -> None:
    """A tier above 0 tokens would be the price itself."""
    with pytest.raises(ValueError, match="above 0 tokens"):
        Tier(bound, Rates(1.0, 1.0))


@given(st.lists(st.integers(1, 1_000_000), unique=True, max_size=5).map(sorted), st.integers(0, 1_100_000))
def test_the_highest_tier_reached_counts(bounds: list[int], tokens: int) -> None:
    """A prompt of exactly the bound has not passed it; above several bounds the last one counts."""
    price = Price(Rates(0.0, 0.0), tuple(Tier(bound, Rates(float(bound), 0.0)) for bound in bounds))
    passed = [bound for bound in bounds if tokens > bound]
    assert price.at(tokens).input == float(max(passed, default=0))


def test_the_plain_sum() -> None:
    """``usd_per_mtok`` is input + output below every tier."""
    assert Price(Rates(3.0, 15.0), (Tier(10, Rates(6.0, 22.5)),)).usd_per_mtok == 18.0


@pytest.mark.parametrize("part", ["context_window", "max_input_tokens", "max_output_tokens"])
@pytest.mark.parametrize("count", [0, -1])
def test_a_limit_of_nothing_is_no_limit_anyone_has(part: str, count: int) -> None:
    """Sources write 0 for unknown; a model that takes nothing does not exist."""
    with pytest.raises(ValueError, match="token limit"):
        Capabilities(**{part: count})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("window", "prompt", "limit"), [(400, 272, 272), (200, 1000, 200), (None, 5, 5), (5, None, 5), (None, None, None)]
)
def test_the_smaller_limit_binds_a_prompt(window: int | None, prompt: int | None, limit: int | None) -> None:
    """Both limits hold at once, as far as they are known."""
    assert Capabilities(context_window=window, max_input_tokens=prompt).prompt_limit == limit


def test_an_entry_knows_its_name_and_the_age_of_its_price() -> None:
    """The name is what users write; the date is the newest of those who agree, None when nobody named a price."""
    sources = (Provenance("a", "1", "2026-01-02"), Provenance("b", "2", "2026-03-01"))
    entry = CatalogEntry("openai", "gpt", (), Price(Rates(1.0, 2.0)), Capabilities(), sources)
    assert (entry.name, entry.price_date) == ("openai/gpt", "2026-03-01")
    assert CatalogEntry("openai", "gpt", (), None, Capabilities()).price_date is None
