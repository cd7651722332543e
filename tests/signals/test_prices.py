"""Shipped prices: found by name, with their age; unknown is unknown."""

from __future__ import annotations

from datetime import UTC, datetime

from plano.catalog import shipped
from plano.signals import prices
from plano.signals.prices import ShippedPrices

NOW = datetime(2026, 11, 22, tzinfo=UTC).timestamp()


def test_a_known_model() -> None:
    """The plain sum of input and output, who said so, and how long ago; the same object the next time."""
    catalog = shipped.load()
    book = ShippedPrices(catalog, {}, NOW)
    reading = book.get("openai/gpt-4o")
    price = catalog.get("openai/gpt-4o")
    assert reading is not None
    assert price is not None
    assert (reading.value, reading.source) == (price.usd_per_mtok, "catalog")
    assert 0 < reading.age_s < 400 * 86_400
    assert book.get("openai/gpt-4o") is reading


def test_unknown_is_none() -> None:
    """A model that nobody has priced, a wildcard, a name without a provider."""
    book = ShippedPrices(shipped.load(), {}, NOW)
    assert [book.get(name) for name in ("custom/mine", "openai/*", "gpt-4o", "")] == [None] * 4


def test_a_model_under_another_name() -> None:
    """A declared name of one's own is looked up by what it stands for."""
    book = ShippedPrices(shipped.load(), {"fast": "openai/gpt-4o-mini"}, NOW)
    assert book.get("fast") == book.get("openai/gpt-4o-mini") is not None


def test_a_clock_that_is_behind() -> None:
    """A price from the future has no negative age."""
    reading = ShippedPrices(shipped.load(), {}, 0.0).get("openai/gpt-4o")
    assert reading is not None
    assert reading.age_s == 0.0


def test_names_without_end_are_not_kept() -> None:
    """What callers make up is bounded."""
    book = ShippedPrices(shipped.load(), {}, NOW)
    for number in range(prices.REMEMBERED + 10):
        book.get(f"openai/made-up-{number}")
    assert len(book._known) <= prices.REMEMBERED
