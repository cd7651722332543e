"""What models can do, as far as the shipped catalog knows."""

from __future__ import annotations

from collections.abc import Mapping

from plano.catalog.shipped import Catalog
from plano.domain.catalog import Capabilities

REMEMBERED = 4_096


class CatalogFacts:
    """``plano.domain.snapshot.Facts`` of a catalog: each model is looked up once.

    ``ids``: ``provider/model`` of the models that are declared under another name.
    """

    def __init__(self, catalog: Catalog, ids: Mapping[str, str]) -> None:
        self._catalog = catalog
        self._ids = ids
        self._known: dict[str, Capabilities | None] = {}

    def get(self, name: str, /) -> Capabilities | None:
        """None when nothing is known of the model."""
        if name in self._known:
            return self._known[name]
        if len(self._known) >= REMEMBERED:
            # Wildcard providers have as many models as callers can think of.
            self._known.clear()
        found = self._catalog.find(self._ids.get(name, name))
        facts = self._known[name] = None if found is None else found.entry.capabilities
        return facts
