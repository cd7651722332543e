"""Whose price counts."""

from __future__ import annotations

import pytest

from plano.catalog.precedence import Quoted, price_of
from plano.domain.catalog import Price, Rates

CONFIGURED, LIVE, SHIPPED = (Price(Rates(number, number)) for number in (1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("configured", "live", "shipped", "counts"),
    [
        (CONFIGURED, LIVE, SHIPPED, Quoted(CONFIGURED, "config")),
        (None, LIVE, SHIPPED, Quoted(LIVE, "live")),
        (None, None, SHIPPED, Quoted(SHIPPED, "catalog")),
        (CONFIGURED, None, None, Quoted(CONFIGURED, "config")),
        (None, None, None, None),
    ],
)
def test_the_order(configured: Price | None, live: Price | None, shipped: Price | None, counts: Quoted | None) -> None:
    """Configuration before live before shipped; nobody's price is None."""
    books = [{} if price is None else {"m": price} for price in (configured, live, shipped)]
    assert price_of("m", configured=books[0], live=books[1], shipped=books[2]) == counts


def test_a_price_is_not_put_together() -> None:
    """A configured price without a cached rate does not borrow the live one."""
    live = {"m": Price(Rates(2.0, 2.0, 0.2))}
    found = price_of("m", configured={"m": CONFIGURED}, live=live, shipped={})
    assert found is not None
    assert found.price.rates.cached_input is None


def test_free_is_a_price() -> None:
    """A configured 0, for a model of one's own, is not skipped as if it were missing."""
    free = Price(Rates(0.0, 0.0))
    assert price_of("m", configured={"m": free}, live={"m": LIVE}, shipped={}) == Quoted(free, "config")
