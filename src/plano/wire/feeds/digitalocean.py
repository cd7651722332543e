"""Prices in the format of DigitalOcean's model catalog: ``{"data": [{"model_id", "pricing": {…}}]}``.

The members are called ``…_per_million`` and are USD per single token.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plano.domain.catalog import Price, PriceFeed, Rates
from plano.errors import FeedError
from plano.wire.feeds.document import collect, objects, read, usd_per_mtok

_PER_MILLION = 1_000_000.0
_CACHED = ("cache_read_input_price_per_million", "input_cache_read")
"""Both names are in use; the first that is there counts."""


def parse_digitalocean(body: bytes) -> PriceFeed:
    """Prices by ``model_id`` as it stands. A model whose input or output price is missing or odd has none.

    Raises FeedError when the document is none, is over the bounds, or lists no model.
    """
    data = read(body).get("data")
    if not isinstance(data, list):
        raise FeedError("the price feed has no list named 'data'")
    return collect(_models(data), _price)


def _models(data: list[Any]) -> Iterator[tuple[Any, Any]]:
    for model in data:
        members = objects(model)
        yield members.get("model_id"), members.get("pricing")


def _price(pricing: Any) -> Price | None:
    members = objects(pricing)
    given, taken = (_per_mtok(members.get(f"{side}_price_per_million")) for side in ("input", "output"))
    if given is None or taken is None:
        return None
    cached = next((members[name] for name in _CACHED if members.get(name) is not None), None)
    return Price(Rates(given, taken, _per_mtok(cached)))


def _per_mtok(value: Any) -> float | None:
    return usd_per_mtok(value, times=_PER_MILLION)
