"""The rows of the catalog file, and the nouns made of them. ``catalog/write.py`` of the project writes them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from plano.domain.catalog import Capabilities, CatalogEntry, Modality, Price, Provenance, Rates, Tier

_MODALITIES: Mapping[str, Modality] = MappingProxyType(
    {"t": "text", "i": "image", "p": "pdf", "a": "audio", "v": "video"}
)


class PriceRow(msgspec.Struct, frozen=True, array_like=True):
    """USD per million tokens."""

    input: float
    output: float
    cached_input: float | None
    cache_write: float | None
    reasoning: float | None


class TierRow(msgspec.Struct, frozen=True, array_like=True):
    """USD per million tokens above so many prompt tokens."""

    above_tokens: int
    input: float
    output: float
    cached_input: float | None
    cache_write: float | None


class FactsRow(msgspec.Struct, frozen=True, array_like=True):
    """Token limits, modalities as one letter each (empty: unknown), and what the model can do."""

    context_window: int | None
    max_input_tokens: int | None
    max_output_tokens: int | None
    reads: str
    writes: str
    tools: bool | None
    structured_output: bool | None
    reasoning: bool | None


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One model. ``quoted_by`` and ``described_by``: places in the file's list of sources."""

    id: str
    aliases: tuple[str, ...]
    price: PriceRow | None
    tiers: tuple[TierRow, ...]
    facts: FactsRow
    quoted_by: tuple[int, ...]
    described_by: tuple[int, ...]


def entry(provider: str, row: Row, sources: tuple[Provenance, ...]) -> CatalogEntry:
    """The noun of a row."""
    facts = row.facts
    return CatalogEntry(
        provider=provider,
        id=row.id,
        aliases=row.aliases,
        price=_price(row.price, row.tiers),
        capabilities=Capabilities(
            context_window=facts.context_window,
            max_input_tokens=facts.max_input_tokens,
            max_output_tokens=facts.max_output_tokens,
            input_modalities=_modalities(facts.reads),
            output_modalities=_modalities(facts.writes),
            tools=facts.tools,
            structured_output=facts.structured_output,
            reasoning=facts.reasoning,
        ),
        price_sources=tuple(sources[place] for place in row.quoted_by),
        capability_sources=tuple(sources[place] for place in row.described_by),
    )


def _price(price: PriceRow | None, tiers: tuple[TierRow, ...]) -> Price | None:
    if price is None:
        return None
    return Price(
        Rates(price.input, price.output, price.cached_input, price.cache_write),
        tuple(
            Tier(tier.above_tokens, Rates(tier.input, tier.output, tier.cached_input, tier.cache_write))
            for tier in tiers
        ),
        price.reasoning,
    )


def _modalities(letters: str) -> tuple[Modality, ...] | None:
    return tuple(_MODALITIES[letter] for letter in letters) or None
