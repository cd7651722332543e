"""Prices of a live source, found by Plano's names of models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from plano.catalog.names import canonical_provider, families
from plano.domain.catalog import Price


class LivePrices:
    """What one or more sources say, the first that knows a model counting. Frozen once made."""

    def __init__(self, *sources: tuple[Mapping[str, Price], Mapping[str, str]]) -> None:
        """``sources``: (prices by the source's key, ``model_aliases``: source key to Plano's name), in order."""
        self._books = tuple(_book(prices, aliases) for prices, aliases in sources)

    def get(self, name: str, /) -> Price | None:
        """The price of ``provider/model``, None when no source has one for it.

        Asked in this order: the name, its family when it is dated, the bare model id, the family of that. A bare id
        that two providers of a source price differently is nobody's.
        """
        spellings = tuple(_spellings(name))
        for book in self._books:
            for spelling in spellings:
                if (price := book.get(spelling)) is not None:
                    return price
        return None


def _spellings(name: str) -> Iterator[str]:
    provider, slash, model_id = name.partition("/")
    yield name
    if not slash:
        yield from families(name)
        return
    home = canonical_provider(provider)
    for form in (model_id, *families(model_id)):
        yield f"{home}/{form}"
    yield model_id
    yield from families(model_id)


def _book(prices: Mapping[str, Price], aliases: Mapping[str, str]) -> dict[str, Price]:
    """Prices by every name that leads to them. A renamed key is found under its new name only."""
    by_id: dict[str, set[Price]] = defaultdict(set)
    book: dict[str, Price] = {}
    for key, price in prices.items():
        provider, slash, model_id = key.partition("/")
        if key in aliases:
            continue
        book[key] = price
        if slash:
            book.setdefault(f"{canonical_provider(provider)}/{model_id}", price)
            by_id[model_id].add(price)
    for model_id, found in by_id.items():
        if len(found) == 1:
            book.setdefault(model_id, next(iter(found)))
    book.update({name: prices[key] for key, name in aliases.items() if key in prices})
    return book
