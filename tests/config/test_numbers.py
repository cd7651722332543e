"""Prices of the file, sources in their order, and how long their numbers live."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plano.config.settings import LATENCY_TTL_S, PRICE_TTL_S, Settings
from plano.domain.catalog import Price, Rates, Tier

Settled = Callable[[str], Settings]
MODELS_DEV = "{type: cost, provider: models.dev}"
LATENCY = "type: latency, provider: prometheus, url: 'http://h', query: q"


def test_a_price_of_the_file(settled: Settled, one_model: str) -> None:
    """All its parts arrive under the model's declared name, tiers by rising size."""
    tiers = "tiers: [{above_tokens: 9, input: 5, output: 6}, {above_tokens: 7, input: 3, output: 4, cached_input: 1}]"
    rates = "input: 1, output: 2, cached_input: 0.1, cache_write: 1.25, reasoning: 7"
    settings = settled(f"{one_model}pricing: {{gpt-4o: {{{rates}, {tiers}}}}}\n")
    rising = Tier(7, Rates(3.0, 4.0, 1.0)), Tier(9, Rates(5.0, 6.0))
    assert dict(settings.numbers.prices) == {"openai/gpt-4o": Price(Rates(1.0, 2.0, 0.1, 1.25), rising, 7.0)}


@pytest.mark.parametrize(
    ("sources", "names", "uses_catalog"),
    [
        ("[]", [], True),
        ("[{type: cost, provider: models.dev}]", ["models.dev"], False),
        (f"[{MODELS_DEV}, {MODELS_DEV}]", ["models.dev", "models.dev-2"], False),
        ("[{type: cost, provider: models.dev, fill_gaps: true}]", ["models.dev"], True),
        (f"[{{{LATENCY}}}]", [], True),
        (
            "[{type: cost, provider: digitalocean}, {type: cost, provider: models.dev}]",
            ["digitalocean", "models.dev"],
            False,
        ),
    ],
)
def test_sources(settled: Settled, one_model: str, sources: str, names: list[str], uses_catalog: bool) -> None:
    """In the order of the file; the shipped list counts beside them only where that is asked for."""
    numbers = settled(f"{one_model}model_metrics_sources: {sources}\n").numbers
    assert ([one.name for one in numbers.cost_sources], numbers.uses_catalog) == (names, uses_catalog)
    assert all(one.url.startswith("https://") for one in numbers.cost_sources)


@pytest.mark.parametrize(
    ("more", "cost_ttl_s", "latency_ttl_s"),
    [
        ("", PRICE_TTL_S, LATENCY_TTL_S),
        (", refresh_interval: 60", PRICE_TTL_S, LATENCY_TTL_S),
        (", refresh_interval: 604800", 6_048_000.0, 6_048_000.0),
        (", time_to_live: 90", 90.0, 90.0),
    ],
)
def test_time_to_live(settled: Settled, one_model: str, more: str, cost_ttl_s: float, latency_ttl_s: float) -> None:
    """As given; else the usual one, or ten intervals where those are longer."""
    text = f"model_metrics_sources: [{{type: cost, provider: models.dev{more}}}, {{{LATENCY}{more}}}]\n"
    numbers = settled(one_model + text).numbers
    assert numbers.latency_source is not None
    assert (numbers.cost_sources[0].ttl_s, numbers.latency_source.ttl_s) == (cost_ttl_s, latency_ttl_s)
