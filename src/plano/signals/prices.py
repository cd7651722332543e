"""What models cost at a moment: the configuration's price, then each live source's, then the shipped one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from plano.catalog.live import LivePrices
from plano.catalog.shipped import Catalog
from plano.domain.catalog import Price
from plano.domain.snapshot import Quote
from plano.errors import FeedError

REMEMBERED = 4_096
_PLACES = 6
"""Decimals of a sum: 0.1 + 0.2 is shown, and compared, as 0.3."""


class PriceSource(msgspec.Struct, frozen=True):
    """A live source. ``ttl_s``: age from which its prices are unknown. ``aliases``: its names to Plano's."""

    name: str
    ttl_s: float
    aliases: Mapping[str, str]
    url: str = ""


class _Heard(msgspec.Struct, frozen=True):
    """What a source said last. ``at``: monotonic seconds. ``has_prices``: of any model. ``is_stale``: failed since."""

    source: PriceSource
    book: LivePrices
    at: float
    has_prices: bool
    is_stale: bool = False


class PriceList:
    """Every price there is, by who names it; ``at`` takes a photograph.

    ``configured``: prices of the file. ``sources``: live ones, the first that knows a model counting. ``catalog``: the
    shipped list, None where it is not asked. ``fills_gaps``: it is asked for what the sources do not know, and not only
    as long as one of them has never said anything. ``ids``: ``provider/model`` of the models declared under another
    name. ``wall``: seconds since the epoch, by which the age of a shipped price is told.
    """

    def __init__(
        self,
        *,
        catalog: Catalog | None = None,
        fills_gaps: bool = True,
        configured: Mapping[str, Price] | None = None,
        sources: Sequence[PriceSource] = (),
        ids: Mapping[str, str] | None = None,
        wall: float = 0.0,
    ) -> None:
        self._catalog = catalog
        self._fills_gaps = fills_gaps
        self._configured = dict(configured or {})
        self._sources = tuple(sources)
        self._ids = dict(ids or {})
        self._wall = wall
        self._heard: dict[int, _Heard] = {}

    @property
    def is_live(self) -> bool:
        """Do prices change or age while the gateway runs?"""
        return bool(self._sources)

    def hear(self, place: int, prices: Mapping[str, Price], *, at: float) -> None:
        """The source at ``place`` said this, at that moment of the monotonic clock: all it said before is replaced.

        Raises FeedError when it has no price for any model, and had some before: those stay.
        """
        source = self._sources[place]
        known = self._heard.get(place)
        if not prices and known is not None and known.has_prices:
            raise FeedError("the price feed has no usable price for any of its models any more")
        self._heard[place] = _Heard(source, LivePrices((prices, source.aliases)), at, bool(prices))

    def doubt(self, place: int) -> None:
        """The source at ``place`` failed: what it said before still counts, and says so."""
        if place in self._heard:
            self._heard[place] = replace(self._heard[place], is_stale=True)

    def take_over(self, old: PriceList) -> None:
        """What ``old`` heard of sources that are also one's own, where it is newer than what they said here."""
        for place, source in enumerate(self._sources):
            said = [each for each in (self._heard.get(place), *old._heard.values()) if each and each.source == source]
            if said:
                self._heard[place] = max(said, key=lambda each: each.at)

    def at(self, now: float) -> Prices:
        """The prices at ``now`` (monotonic seconds), frozen."""
        heard = [self._heard[place] for place in sorted(self._heard)]
        fresh = tuple(one for one in heard if now - one.at < one.source.ttl_s)
        asks_catalog = self._fills_gaps or len(heard) < len(self._sources)
        return Prices(self, now, fresh, self._catalog if asks_catalog else None)

    def opinions(self, name: str, now: float, heard: Iterable[_Heard], catalog: Catalog | None) -> Iterator[Quote]:
        """What each says that a model costs; the first counts, and is taken whole."""
        price = self._configured.get(name)
        if price is not None:
            yield _quote(price, "config", 0.0)
        model_id = self._ids.get(name, name)
        for one in heard:
            price = one.book.get(name) or one.book.get(model_id)
            if price is not None:
                yield _quote(price, one.source.name, max(0.0, now - one.at), is_stale=one.is_stale)
        shipped = None if catalog is None else self._shipped(model_id, catalog)
        if shipped is not None:
            yield shipped

    def _shipped(self, model_id: str, catalog: Catalog) -> Quote | None:
        found = catalog.find(model_id)
        if found is None or found.entry.price is None:
            return None
        date = found.entry.price_date or catalog.date
        said_at = datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()
        return _quote(found.entry.price, "catalog", max(0.0, self._wall - said_at))


class Prices:
    """``plano.domain.snapshot.Quotes`` at one moment: each price is looked up once."""

    __slots__ = ("_catalog", "_heard", "_known", "_list", "_now")

    def __init__(self, prices: PriceList, now: float, heard: tuple[_Heard, ...], catalog: Catalog | None) -> None:
        self._catalog = catalog
        self._list = prices
        self._now = now
        self._heard = heard
        self._known: dict[str, Quote | None] = {}

    def get(self, name: str, /) -> Quote | None:
        """The price of a model by its name, None when it is unknown."""
        if name in self._known:
            return self._known[name]
        if len(self._known) >= REMEMBERED:
            # Wildcard providers have as many models as callers can think of.
            self._known.clear()
        quote = self._known[name] = next(iter(self.opinions(name)), None)
        return quote

    def opinions(self, name: str) -> Iterator[Quote]:
        """What each who knows the model says that it costs; the first counts."""
        return self._list.opinions(name, self._now, self._heard, self._catalog)


def _quote(price: Price, source: str, age_s: float, *, is_stale: bool = False) -> Quote:
    return Quote(round(price.usd_per_mtok, _PLACES), source, age_s, is_stale, price)
