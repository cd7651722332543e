"""What a model costs and what it can do. A number that nobody stated is None: never 0, never infinity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Modality = Literal["text", "image", "pdf", "audio", "video"]


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens, finite and at least 0. Raises ValueError for anything else.

    ``cached_input``: tokens read from the provider's cache. ``cache_write``: tokens written to it, for its shortest
    lifetime. None for either: not stated.
    """

    input: float
    output: float
    cached_input: float | None = None
    cache_write: float | None = None

    def __post_init__(self) -> None:
        for value in (self.input, self.output, self.cached_input, self.cache_write):
            _refuse_odd(value)


@dataclass(frozen=True, slots=True)
class Tier:
    """What a whole request costs when its prompt has more than ``above_tokens`` tokens (> 0)."""

    above_tokens: int
    rates: Rates

    def __post_init__(self) -> None:
        if self.above_tokens <= 0:
            raise ValueError(f"a tier begins above 0 tokens, not above {self.above_tokens}")


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one model at one provider.

    ``rates``: of a request that reaches no tier. ``tiers``: long-context prices, by rising ``above_tokens``.
    ``reasoning``: USD per million reasoning tokens where they cost something else than other output, else None.
    Raises ValueError for a number that is no price, and for tiers out of order.
    """

    rates: Rates
    tiers: tuple[Tier, ...] = ()
    reasoning: float | None = None

    def __post_init__(self) -> None:
        _refuse_odd(self.reasoning)
        bounds = [tier.above_tokens for tier in self.tiers]
        if bounds != sorted(set(bounds)):
            raise ValueError(f"tiers must rise, these begin above {bounds}")

    def at(self, prompt_tokens: int) -> Rates:
        """The rates of a request whose whole prompt, cached part included, has so many tokens."""
        for tier in reversed(self.tiers):
            if prompt_tokens > tier.above_tokens:
                return tier.rates
        return self.rates

    @property
    def usd_per_mtok(self) -> float:
        """Input + output: the plain sum that ``cheapest`` falls back on and ``max_usd_per_mtok`` limits."""
        return self.rates.input + self.rates.output


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do; None wherever no source says.

    ``context_window``: tokens of prompt and answer together. ``max_input_tokens``: of the prompt alone, where the
    provider limits it apart. ``max_output_tokens``: of the answer, reasoning included.
    """

    context_window: int | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    input_modalities: tuple[Modality, ...] | None = None
    output_modalities: tuple[Modality, ...] | None = None
    tools: bool | None = None
    structured_output: bool | None = None
    reasoning: bool | None = None

    def __post_init__(self) -> None:
        for count in (self.context_window, self.max_input_tokens, self.max_output_tokens):
            if count is not None and count <= 0:
                raise ValueError(f"a token limit is above 0, not {count}")

    @property
    def prompt_limit(self) -> int | None:
        """The most tokens a prompt may have, as far as is known: the smaller of both limits, which fails later."""
        known = [count for count in (self.context_window, self.max_input_tokens) if count is not None]
        return min(known, default=None)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who said so. ``date``: the day (ISO 8601) on which the source was last known to be true."""

    name: str
    version: str
    date: str


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One model at one provider. ``aliases``: other ids that mean the same model there.

    ``price_sources``: those that agree on the price, none when it is unknown. ``capability_sources``: those that
    the capabilities are taken from.
    """

    provider: str
    id: str
    aliases: tuple[str, ...]
    price: Price | None
    capabilities: Capabilities
    price_sources: tuple[Provenance, ...] = ()
    capability_sources: tuple[Provenance, ...] = ()

    @property
    def name(self) -> str:
        """The name users write: ``provider/id``."""
        return f"{self.provider}/{self.id}"

    @property
    def price_date(self) -> str | None:
        """The newest date of those who agree on the price."""
        return max((source.date for source in self.price_sources), default=None)


@dataclass(frozen=True, slots=True)
class PriceFeed:
    """What a live source said. ``prices``: by the source's own key. ``unpriced``: models without a usable price."""

    prices: Mapping[str, Price]
    unpriced: int = 0


def _refuse_odd(value: float | None) -> None:
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{value} is no price")
