"""Dated and regional ids that say nothing of their own become aliases; undated names are given to the newest id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from catalog.merge import Entry
from catalog.statement import Package, Quote
from plano.catalog.names import families

Place = tuple[str, str]


def fold(entries: Iterable[Entry], aliases: Mapping[Place, str]) -> list[Entry]:
    """The entries that are left, sorted, each with its aliases. ``aliases``: (provider, alias) to the id it means."""
    known = {(entry.provider, entry.id.lower()): entry for entry in entries}
    heads = _heads(known, aliases)
    kept = dict(known)
    given: dict[Place, set[str]] = defaultdict(set)
    for place in sorted(known, key=lambda place: -len(place[1])):
        home = _home(place, kept, heads)
        if home is not None:
            entry = kept.pop(place)
            kept[home] = _joined(kept[home], entry)
            given[home] |= {entry.id, *given.pop(place, ())}
    owner = {(place[0], name.lower()): place for place, names in given.items() for name in names}
    for (provider, alias), head in heads.items():
        home = owner.get(head, head)
        if home in kept and (provider, alias) not in owner:
            given[home].add(alias)
    return [
        replace(kept[place], aliases=tuple(sorted(name for name in given[place] if name != kept[place].id)))
        for place in sorted(kept)
    ]


def _heads(known: Mapping[Place, Entry], aliases: Mapping[Place, str]) -> dict[Place, Place]:
    """Names that are no id themselves, to the id they stand for: as a source says, else the newest of the family.

    ``-latest`` is newer than any date.
    """
    heads: dict[Place, Place] = {}
    for provider, model_id in sorted(known, key=lambda place: (place[1].endswith("-latest"), place[1])):
        for family in families(model_id):
            if (provider, family) not in known:
                heads[provider, family] = (provider, model_id)
    for (provider, alias), model_id in aliases.items():
        if (provider, model_id.lower()) in known and (provider, alias) not in known:
            heads[provider, alias] = (provider, model_id.lower())
    return heads


def _home(place: Place, kept: Mapping[Place, Entry], heads: Mapping[Place, Place]) -> Place | None:
    """The entry that this one is a dated or regional form of, when both say the same."""
    provider, model_id = place
    for family in families(model_id):
        home = heads.get((provider, family), (provider, family))
        other = kept.get(home)
        if home != place and other is not None and _agree(kept[place], other):
            return home
    return None


def _agree(one: Entry, other: Entry) -> bool:
    """Do neither prices nor facts contradict each other? Silence contradicts nothing."""
    if one.quote is None or other.quote is None:
        return False
    same_price = _filled(one.quote, other.quote) == _filled(other.quote, one.quote)
    return same_price and one.facts.or_else(other.facts) == other.facts.or_else(one.facts)


def _joined(home: Entry, other: Entry) -> Entry:
    assert home.quote is not None
    assert other.quote is not None
    return replace(
        home,
        quote=_filled(home.quote, other.quote),
        quoted_by=_both(home.quoted_by, other.quoted_by),
        facts=home.facts.or_else(other.facts),
        described_by=_both(home.described_by, other.described_by),
    )


def _both(one: tuple[Package, ...], other: tuple[Package, ...]) -> tuple[Package, ...]:
    return (*one, *(package for package in other if package not in one))


def _filled(one: Quote, other: Quote) -> Quote:
    rates = replace(
        one.rates, cached=one.rates.cached or other.rates.cached, write=one.rates.write or other.rates.write
    )
    return replace(one, rates=rates, reasoning=one.reasoning or other.reasoning)
