"""Prices in the format of models.dev: ``{provider: {"models": {id: {"cost": {…}}}}}``, USD per million tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plano.domain.catalog import Price, PriceFeed, Rates, Tier
from plano.wire.feeds.document import collect, objects, read, usd_per_mtok

_MAX_TIERS = 16
_MAX_TOKENS = 1_000_000_000
_OLD_TIER_ABOVE = 200_000


def parse_models_dev(body: bytes) -> PriceFeed:
    """Prices by ``provider/id``. A model whose input or output price is missing or odd has none.

    Raises FeedError when the document is none, is over the bounds, or lists no model.
    """
    return collect(_models(read(body)), _price)


def _models(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for provider, said in document.items():
        for model_id, model in objects(objects(said).get("models")).items():
            yield f"{provider}/{model_id}", objects(model).get("cost")


def _price(cost: Any) -> Price | None:
    members = objects(cost)
    rates = _rates(members)
    tiers = _tiers(members)
    if rates is None or tiers is None:
        return None
    return Price(rates, tiers, usd_per_mtok(members.get("reasoning")))


def _rates(members: dict[str, Any]) -> Rates | None:
    given, taken = usd_per_mtok(members.get("input")), usd_per_mtok(members.get("output"))
    if given is None or taken is None:
        return None
    return Rates(given, taken, usd_per_mtok(members.get("cache_read")), usd_per_mtok(members.get("cache_write")))


def _tiers(members: dict[str, Any]) -> tuple[Tier, ...] | None:
    """Long-context prices; None when there is one that cannot be read, because then the price is only half known.

    ``context_over_200k`` is the older way to write them and counts where there is no list.
    """
    listed = members.get("tiers")
    if listed is None:
        old = members.get("context_over_200k")
        listed = [] if old is None else [{**objects(old), "tier": {"type": "context", "size": _OLD_TIER_ABOVE}}]
    if not isinstance(listed, list) or len(listed) > _MAX_TIERS:
        return None
    found: dict[int, Tier] = {}
    for step in map(objects, listed):
        above, rates = _size(step.get("tier")), _rates(step)
        if above is None or rates is None or above in found:
            return None
        found[above] = Tier(above, rates)
    return tuple(found[above] for above in sorted(found))


def _size(selector: Any) -> int | None:
    members = objects(selector)
    size = members.get("size")
    if members.get("type") != "context" or isinstance(size, bool) or not isinstance(size, int):
        return None
    return size if 0 < size <= _MAX_TOKENS else None
