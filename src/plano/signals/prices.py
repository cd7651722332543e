"""The shipped prices as readings of the board."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from plano.catalog.shipped import Catalog
from plano.domain.snapshot import Reading

REMEMBERED = 4_096


class ShippedPrices:
    """Input + output of each model, in USD per million tokens, looked up once.

    ``ids``: ``provider/model`` of the models that are declared under another name. ``now``: seconds since the epoch, by
    which the age of a price is told.
    """

    def __init__(self, catalog: Catalog, ids: Mapping[str, str], now: float) -> None:
        self._catalog = catalog
        self._ids = ids
        self._now = now
        self._known: dict[str, Reading | None] = {}

    def get(self, name: str, /) -> Reading | None:
        """The price of a model by its name, None when the catalog has none."""
        if name in self._known:
            return self._known[name]
        if len(self._known) >= REMEMBERED:
            # Wildcard providers have as many models as callers can think of.
            self._known.clear()
        reading = self._known[name] = self._reading(self._ids.get(name, name))
        return reading

    def _reading(self, name: str) -> Reading | None:
        found = self._catalog.find(name)
        if found is None or found.entry.price is None:
            return None
        date = found.entry.price_date or self._catalog.date
        said_at = datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()
        return Reading(round(found.entry.price.usd_per_mtok, 6), "catalog", max(0.0, self._now - said_at))
