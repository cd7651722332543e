"""Whose price counts: the configuration's, then a live source's, then the shipped catalog's."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from plano.domain.catalog import Price

Layer = Literal["config", "live", "catalog"]


class PriceBook(Protocol):
    """Prices by Plano's name of a model; a plain mapping is one."""

    def get(self, name: str, /) -> Price | None:
        """The price, None when it is unknown."""
        ...


class Quoted(msgspec.Struct, frozen=True):
    """A price and who named it."""

    price: Price
    layer: Layer


def price_of(name: str, *, configured: PriceBook, live: PriceBook, shipped: PriceBook) -> Quoted | None:
    """The price that counts for a model, None when nobody has one.

    A price is taken whole: a cached rate of one source beside an input rate of another would be nobody's price. Where
    live sources are to stand alone, ``shipped`` is an empty mapping.
    """
    layers: tuple[tuple[Layer, PriceBook], ...] = (("config", configured), ("live", live), ("catalog", shipped))
    for layer, book in layers:
        price = book.get(name)
        if price is not None:
            return Quoted(price, layer)
    return None
