"""From the sections on prices and latencies to what they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from plano.config import schema, settings
from plano.config.sources_schema import CostSource, LatencySource, ModelPricing, TokenRates
from plano.domain.catalog import Price, Rates, Tier
from plano.domain.model import ModelTable

ADDRESSES: Mapping[str, str] = MappingProxyType(
    {
        "digitalocean": "https://api.digitalocean.com/v2/gen-ai/models/catalog",
        "models.dev": "https://models.dev/api.json",
    }
)
"""Where each format's own provider has its document."""

INTERVALS_TO_LIVE = 10
"""A source may fail that often before its numbers are too old."""


def numbers_of(file: schema.File, models: ModelTable) -> settings.Numbers:
    """Prices of the file, and its sources in their order."""
    costs = [form for form in file.model_metrics_sources if isinstance(form, CostSource)]
    latencies = [form for form in file.model_metrics_sources if isinstance(form, LatencySource)]
    return settings.Numbers(
        prices=MappingProxyType({models.resolve(name).name: price_of(form) for name, form in file.pricing.items()}),
        cost_sources=tuple(_cost_sources(costs, models)),
        latency_source=_latency_source(latencies[0]) if latencies else None,
        uses_catalog=not costs or any(form.fill_gaps for form in costs),
    )


def price_of(form: ModelPricing) -> Price:
    """The noun of a written price; tiers may stand in any order."""
    tiers = sorted((Tier(tier.above_tokens, _rates(tier)) for tier in form.tiers), key=lambda tier: tier.above_tokens)
    return Price(_rates(form), tuple(tiers), form.reasoning)


def _rates(form: TokenRates) -> Rates:
    return Rates(form.input, form.output, form.cached_input, form.cache_write)


def _cost_sources(forms: Sequence[CostSource], models: ModelTable) -> Iterator[settings.CostSource]:
    """Each under the name of its format, a second one of that format as ``models.dev-2``."""
    seen: Counter[str] = Counter()
    for form in forms:
        seen[form.provider] += 1
        number = seen[form.provider]
        yield settings.CostSource(
            name=form.provider if number == 1 else f"{form.provider}-{number}",
            format=form.provider,
            url=form.url or ADDRESSES[form.provider],
            refresh_s=form.refresh_interval,
            ttl_s=_ttl(form.time_to_live, form.refresh_interval, settings.PRICE_TTL_S),
            aliases=tuple((there, models.resolve(here).name) for there, here in form.model_aliases.items()),
        )


def _latency_source(form: LatencySource) -> settings.LatencySource:
    ttl_s = _ttl(form.time_to_live, form.refresh_interval, settings.LATENCY_TTL_S)
    return settings.LatencySource(form.url, form.query, form.refresh_interval, ttl_s)


def _ttl(given: int | None, refresh_s: int | None, usual: float) -> float:
    return given if given is not None else max(usual, INTERVALS_TO_LIVE * (refresh_s or 0))
