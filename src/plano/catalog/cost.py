"""The cost of a request, from a price and the tokens that were counted or are expected."""

from __future__ import annotations

import msgspec

from plano.domain.catalog import Price, Rates
from plano.domain.usage import Usage

CACHE_READ_DISCOUNT = 0.1
"""Price of a cached token as a share of an input token, where the provider's own price for it is not known."""

_TOKENS_PER_RATE = 1_000_000


class Cost(msgspec.Struct, frozen=True, gc=False):
    """USD; None where the tokens are not known."""

    input_usd: float | None
    output_usd: float | None

    @property
    def usd(self) -> float | None:
        """Both together, None when one is unknown."""
        return None if self.input_usd is None or self.output_usd is None else self.input_usd + self.output_usd


def cost_of(usage: Usage, price: Price, *, cache_read_discount: float = CACHE_READ_DISCOUNT) -> Cost:
    """What a request cost. The size of its prompt chooses the tier, for the answer as well.

    Where a price has no rate of its own: a cached token costs ``cache_read_discount`` (0..1) of an input token, a
    written one as much as an input token, a reasoning token as much as any other output. A part whose count is unknown
    is charged as if there were none of it, and one larger than its whole is cut to it, so that no cost is negative.
    """
    rates = price.at(usage.input_tokens or 0) if price.tiers else price.rates
    return Cost(
        input_usd=_input(usage, rates, cache_read_discount) if usage.input_tokens is not None else None,
        output_usd=_output(usage, rates, price.reasoning) if usage.output_tokens is not None else None,
    )


def usd_of(usage: Usage, price: Price) -> float | None:
    """USD of a request: ``cost_of`` in one step where no part of it has a rate of its own; None when it is unknown."""
    prompt, answer = usage.input_tokens, usage.output_tokens
    if prompt is None or answer is None:
        return None
    if usage.cached_input_tokens or usage.cache_write_tokens or usage.reasoning_tokens:
        return cost_of(usage, price).usd
    return plain_cost(prompt, answer, price)


def plain_cost(prompt: int, answer: int, price: Price) -> float:
    """USD of a request without cached, written or reasoning tokens: ``cost_of``, for what is only expected."""
    rates = price.at(prompt) if price.tiers else price.rates
    return (prompt * rates.input + answer * rates.output) / _TOKENS_PER_RATE


def _input(usage: Usage, rates: Rates, discount: float) -> float:
    tokens = usage.input_tokens or 0
    if not usage.cached_input_tokens and not usage.cache_write_tokens:
        return tokens * rates.input / _TOKENS_PER_RATE
    cached = min(usage.cached_input_tokens or 0, tokens)
    written = min(usage.cache_write_tokens or 0, tokens - cached)
    cached_rate = rates.input * discount if rates.cached_input is None else rates.cached_input
    write_rate = rates.input if rates.cache_write is None else rates.cache_write
    fresh = tokens - cached - written
    return (fresh * rates.input + cached * cached_rate + written * write_rate) / _TOKENS_PER_RATE


def _output(usage: Usage, rates: Rates, reasoning_rate: float | None) -> float:
    tokens = usage.output_tokens or 0
    if reasoning_rate is None:
        return tokens * rates.output / _TOKENS_PER_RATE
    reasoning = min(usage.reasoning_tokens or 0, tokens)
    return ((tokens - reasoning) * rates.output + reasoning * reasoning_rate) / _TOKENS_PER_RATE
