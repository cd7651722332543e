"""The format of models.dev."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.catalog import Price, PriceFeed, Rates, Tier
from plano.errors import FeedError
from plano.wire.feeds.models_dev import parse_models_dev

GOOD = {"input": 2.5, "output": 10}


def parse(document: Any) -> PriceFeed:
    """The feed of a document."""
    return parse_models_dev(json.dumps(document).encode())


def price(cost: Any) -> Price | None:
    """The price of one model, beside one that keeps the feed usable."""
    return parse({"p": {"models": {"m": {"cost": cost}, "good": {"cost": GOOD}}}}).prices.get("p/m")


def test_prices_by_provider_and_id() -> None:
    """USD per million as they stand; everything else in the document is left alone."""
    feed = parse(
        {
            "openai": {"name": "OpenAI", "models": {"gpt-4o": {"name": "x", "cost": {**GOOD, "cache_read": 1.25}}}},
            "vercel": {"models": {"openai/gpt-4o": {"cost": {"input": 5, "output": 25, "cache_write": 6.25}}}},
        }
    )
    assert dict(feed.prices) == {
        "openai/gpt-4o": Price(Rates(2.5, 10.0, 1.25)),
        "vercel/openai/gpt-4o": Price(Rates(5.0, 25.0, None, 6.25)),
    }
    assert feed.prices["vercel/openai/gpt-4o"].usd_per_mtok == 30.0


@pytest.mark.parametrize(
    "cost",
    [
        *(None, [], "3", 3, {}, {"input": 1}, {"output": 1}, {"input": None, "output": 1}),
        *({"input": "2.5", "output": 10}, {"input": -1, "output": 1}, {"input": 1, "output": True}),
        {**GOOD, "tiers": "none"},
        {**GOOD, "tiers": [{**GOOD}]},
        {**GOOD, "tiers": [{**GOOD, "tier": {"type": "context", "size": 0}}]},
        {**GOOD, "tiers": [{**GOOD, "tier": {"type": "hour", "size": 8}}]},
        {**GOOD, "tiers": [{"input": 1, "tier": {"type": "context", "size": 8}}]},
        {**GOOD, "tiers": [{**GOOD, "tier": {"type": "context", "size": 8}}] * 2},
        {**GOOD, "tiers": [{**GOOD, "tier": {"type": "context", "size": size}} for size in range(1, 18)]},
        {**GOOD, "context_over_200k": {"input": -5, "output": 1}},
    ],
)
def test_a_price_that_is_half_known_is_unknown(cost: Any) -> None:
    """Without input and output, or with a tier that cannot be read, there is no price rather than a wrong one."""
    assert price(cost) is None


def test_an_odd_cached_price_is_unknown_and_the_rest_stays() -> None:
    """What does not decide between two models does not take the price away."""
    assert price({**GOOD, "cache_read": -1, "cache_write": "x", "reasoning": True}) == Price(Rates(2.5, 10.0))


def test_long_context() -> None:
    """Tiers are listed with their size; the older single member counts where there is no list; an empty one is none."""
    step = {"input": 5, "output": 15, "cache_read": 0.5}
    old = {"input": 9, "output": 9}
    listed = [{**step, "tier": {"type": "context", "size": 400}}, {**old, "tier": {"type": "context", "size": 300}}]
    tier = Tier(400, Rates(5.0, 15.0, 0.5))
    assert price({**GOOD, "tiers": listed, "context_over_200k": old}) == Price(
        Rates(2.5, 10.0), (Tier(300, Rates(9.0, 9.0)), tier)
    )
    assert price({**GOOD, "context_over_200k": old}) == Price(Rates(2.5, 10.0), (Tier(200_000, Rates(9.0, 9.0)),))
    assert price({**GOOD, "tiers": []}) == Price(Rates(2.5, 10.0))


def test_reasoning_has_its_own_price_where_there_is_one() -> None:
    """USD per million reasoning tokens."""
    assert price({**GOOD, "reasoning": 8.4}) == Price(Rates(2.5, 10.0), reasoning=8.4)


@pytest.mark.parametrize("document", [{}, {"a": []}, {"a": {"models": []}}, {"error": "not found"}])
def test_a_document_of_another_shape_is_an_error(document: Any) -> None:
    """No price in it: whoever asked keeps what it has."""
    with pytest.raises(FeedError):
        parse(document)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
costs = st.fixed_dictionaries(
    {},
    optional={
        name: json_values | st.just(1)
        for name in ("input", "output", "cache_read", "cache_write", "reasoning", "tiers", "context_over_200k")
    },
)


@given(
    st.dictionaries(
        st.text(max_size=3),
        json_values
        | st.fixed_dictionaries({"models": st.dictionaries(st.text(max_size=3), costs.map(lambda c: {"cost": c}))}),
        max_size=3,
    )
)
def test_any_document_is_prices_or_the_error(document: Any) -> None:
    """Nothing else is raised, and what comes out is a price by the noun's own laws."""
    try:
        feed = parse(document)
    except FeedError:
        return
    assert feed.prices or feed.unpriced
    assert all(isinstance(found, Price) for found in feed.prices.values())
