"""What an answer cost, by the price that its decision saw."""

from __future__ import annotations

from msgspec.structs import replace

from plano.catalog.cost import usd_of
from plano.domain.decision import Decision
from plano.domain.usage import Usage

UNKNOWN = "?"
"""How an unknown cost is shown: never as 0."""

PLACES = 10
"""Decimals of USD: a thousandth of the cheapest token."""

_PER_USD = 10.0**PLACES


def accounted(decision: Decision | None, model: str, usage: Usage | None) -> Usage | None:
    """The usage of an answer of ``model``; an estimated one with the tokens of the prompt as they were expected."""
    if usage is None or not usage.is_estimated or decision is None:
        return usage
    for candidate in decision.candidates:
        if candidate.model.name == model and candidate.expected is not None:
            return replace(usage, input_tokens=candidate.expected.input_tokens)
    return usage


def answer_cost(decision: Decision | None, model: str, usage: Usage | None) -> float | None:
    """USD; None where the price of ``model`` or a count of tokens is unknown."""
    if decision is None or usage is None:
        return None
    for candidate in decision.candidates:
        if candidate.model.name == model:
            price = None if candidate.price is None else candidate.price.price
            return None if price is None else rounded(usd_of(usage, price))
    return None


def rounded(usd: float | None) -> float | None:
    """To ``PLACES`` decimals; ``round`` would take five times as long."""
    return None if usd is None else (usd * _PER_USD + 0.5) // 1.0 / _PER_USD
