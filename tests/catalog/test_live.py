"""Live prices found by Plano's names."""

from __future__ import annotations

import pytest

from plano.catalog.live import LivePrices
from plano.domain.catalog import Price, Rates

ONE, TWO = Price(Rates(1.0, 1.0)), Price(Rates(2.0, 2.0))


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("google/gemini-2.5-pro", "gemini/gemini-2.5-pro"),
        ("amazon-bedrock/amazon.nova-pro-v1:0", "amazon/amazon.nova-pro-v1:0"),
        ("openai/gpt-4o", "openai/gpt-4o-2024-08-06"),
        ("llama3.3-70b-instruct", "digitalocean/llama3.3-70b-instruct"),
        ("anthropic/claude-x", "vercel/claude-x"),
        ("anthropic/claude-x", "claude-x"),
        ("anthropic/claude-x", "claude-x-20260101"),
        ("openai/gpt-oss-120b", "openai/gpt-oss-120b"),
    ],
)
def test_names_that_find_a_price(key: str, name: str) -> None:
    """The key itself, another spelling of its provider, a dated form, the bare id under any provider."""
    assert LivePrices(({key: ONE}, {})).get(name) == ONE


@pytest.mark.parametrize("name", ["openai/gpt-4o", "gpt-4o-mini", "openai/*", ""])
def test_names_that_find_none(name: str) -> None:
    """Another model, a wildcard, nothing."""
    assert LivePrices(({"anthropic/claude-x": ONE, "openai/gpt-4": TWO}, {})).get(name) is None


def test_a_bare_id_with_two_prices_is_nobodys() -> None:
    """Two providers, two prices: a third provider's is unknown, in whichever order they are listed."""
    prices = {"a/gpt-4o": ONE, "b/gpt-4o": TWO}
    for listed in (prices, dict(reversed(prices.items()))):
        live = LivePrices((listed, {}))
        assert (live.get("vercel/gpt-4o"), live.get("a/gpt-4o"), live.get("b/gpt-4o")) == (None, ONE, TWO)


def test_a_bare_id_with_one_price_at_two_providers_has_it() -> None:
    """Where everyone agrees there is nothing to confuse."""
    assert LivePrices(({"a/gpt-4o": ONE, "b/gpt-4o": ONE}, {})).get("vercel/gpt-4o") == ONE


def test_a_providers_own_dated_family_is_nearer_than_anothers_bare_id() -> None:
    """``openai/gpt-4o`` prices ``openai/gpt-4o-2024-08-06`` although another provider lists the dated id."""
    live = LivePrices(({"openai/gpt-4o": ONE, "other/gpt-4o-2024-08-06": TWO}, {}))
    assert live.get("openai/gpt-4o-2024-08-06") == ONE


def test_a_bare_key_of_the_source_is_nearer_than_a_bare_id() -> None:
    """What a source lists without a provider is not replaced by what another entry's id would give."""
    for prices in ({"gpt-4o": ONE, "x/gpt-4o": TWO}, {"x/gpt-4o": TWO, "gpt-4o": ONE}):
        assert LivePrices((prices, {})).get("vercel/gpt-4o") == ONE


def test_a_renamed_key_is_found_under_its_new_name_only() -> None:
    """``model_aliases`` maps the source's key to Plano's name; the old name and its bare id are gone."""
    live = LivePrices(({"openai/gpt-oss-120b": ONE, "x": TWO}, {"openai/gpt-oss-120b": "openai/gpt-4o", "none": "y"}))
    names = ("openai/gpt-4o", "openai/gpt-oss-120b", "groq/gpt-oss-120b", "x", "y")
    assert [live.get(name) for name in names] == [ONE, None, None, TWO, None]


def test_the_first_source_that_knows_counts() -> None:
    """Several sources are asked in order, each with every spelling, before the next."""
    live = LivePrices(({"gpt-4o": ONE}, {}), ({"openai/gpt-4o": TWO, "openai/o3": TWO}, {}))
    assert (live.get("openai/gpt-4o"), live.get("openai/o3")) == (ONE, TWO)
    assert LivePrices().get("openai/o3") is None
