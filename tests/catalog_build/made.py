"""Statements and entries made by hand."""

from __future__ import annotations

from decimal import Decimal

from catalog.merge import Entry
from catalog.statement import Facts, Package, Quote, Rates, Statement

NO_FACTS = Facts()


def rates(given: str, taken: str, cached: str | None = None, write: str | None = None) -> Rates:
    """Rates from decimal text."""
    parts = [None if text is None else Decimal(text) for text in (cached, write)]
    return Rates(Decimal(given), Decimal(taken), parts[0], parts[1])


def quoted(given: str, taken: str, cached: str | None = None, *, tiers: tuple[tuple[int, Rates], ...] = ()) -> Quote:
    """A price from decimal text."""
    return Quote(rates(given, taken, cached), None, tiers)


def said(package: Package, quote: Quote | None, facts: Facts = NO_FACTS, *, model_id: str = "m") -> Statement:
    """What a package says about a model at the provider ``p``."""
    return Statement(package, "p", model_id, quote, facts)


def shipped(model_id: str, quote: Quote | None = None, facts: Facts = NO_FACTS, *, provider: str = "p") -> Entry:
    """An entry that litellm stands behind."""
    return Entry(provider, model_id, quote or quoted("1", "2"), ("litellm",), facts, ("litellm",))
