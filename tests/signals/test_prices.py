"""Prices at a moment: who names them, how old they are, and that unknown is unknown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plano.catalog import shipped
from plano.domain.catalog import Price, Rates
from plano.errors import FeedError
from plano.signals import prices
from plano.signals.prices import PriceList, PriceSource

NOW = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
SOURCES = PriceSource("one", 100.0, {}), PriceSource("two", 1000.0, {"their/name": "openai/gpt-4o"})
CHEAP, DEAR = Price(Rates(1.0, 2.0)), Price(Rates(3.0, 15.0, 0.3))


def test_a_shipped_price() -> None:
    """The plain sum of input and output, all rates, who said so, and how long ago; the same object the next time."""
    catalog = shipped.load()
    book = PriceList(catalog=catalog, wall=NOW).at(0.0)
    quote = book.get("openai/gpt-4o")
    price = catalog.get("openai/gpt-4o")
    assert quote is not None
    assert price is not None
    assert (quote.value, quote.source, quote.price) == (price.usd_per_mtok, "catalog", price)
    assert 0 < quote.age_s < 400 * 86_400
    assert book.get("openai/gpt-4o") is quote


def test_unknown_is_none() -> None:
    """A model that nobody has priced, a wildcard, a name without a provider; everything where nobody is asked."""
    book = PriceList(catalog=shipped.load(), wall=NOW).at(0.0)
    assert [book.get(name) for name in ("custom/mine", "openai/*", "gpt-4o", "")] == [None] * 4
    assert PriceList().at(0.0).get("openai/gpt-4o") is None


def test_a_model_under_another_name() -> None:
    """A declared name of one's own is looked up by what it stands for, by every source."""
    every = PriceList(catalog=shipped.load(), sources=SOURCES, ids={"fast": "openai/gpt-4o-mini"}, wall=NOW)
    assert every.at(0.0).get("fast") == every.at(0.0).get("openai/gpt-4o-mini") is not None
    every.hear(0, {"openai/gpt-4o-mini": CHEAP}, at=0.0)
    quote = every.at(1.0).get("fast")
    assert quote is not None
    assert quote.price == CHEAP


def test_precedence() -> None:
    """The file, then the sources in their order, then the shipped list; each price is taken whole."""
    every = PriceList(catalog=shipped.load(), configured={"a/x": DEAR}, sources=SOURCES, wall=NOW)
    every.hear(1, {"a/x": CHEAP, "b/y": DEAR, "openai/gpt-4o": CHEAP}, at=0.0)
    every.hear(0, {"a/x": CHEAP, "b/y": CHEAP}, at=5.0)
    book = every.at(9.0)
    found = {name: book.get(name) for name in ("a/x", "b/y", "openai/gpt-4o", "openai/gpt-4o-mini")}
    told = {name: (quote.source, quote.age_s, quote.price) for name, quote in found.items() if quote is not None}
    assert told["a/x"] == ("config", 0.0, DEAR)
    assert told["b/y"] == ("one", 4.0, CHEAP)
    assert told["openai/gpt-4o"] == ("two", 9.0, CHEAP)
    assert told["openai/gpt-4o-mini"][0] == "catalog"


def test_an_alias_replaces_the_sources_name() -> None:
    """What a source calls otherwise is found under Plano's name only."""
    every = PriceList(sources=SOURCES)
    every.hear(1, {"their/name": DEAR}, at=0.0)
    book = every.at(0.0)
    assert book.get("their/name") is None
    quote = book.get("openai/gpt-4o")
    assert quote is not None
    assert quote.value == 18.0


def test_too_old_is_unknown() -> None:
    """From its time to live on, a price is unknown: not 0, not the old one; another source may still have one."""
    every = PriceList(sources=SOURCES)
    every.hear(0, {"a/x": CHEAP}, at=50.0)
    assert every.at(149.9).get("a/x") is not None
    assert every.at(150.0).get("a/x") is None
    every.hear(1, {"a/x": DEAR}, at=50.0)
    quote = every.at(150.0).get("a/x")
    assert quote is not None
    assert (quote.source, quote.age_s) == ("two", 100.0)


def test_a_failing_source_keeps_its_prices_and_says_so() -> None:
    """Its last good prices count on, marked; the next good answer takes the mark away. Nothing was said: no mark."""
    every = PriceList(sources=SOURCES)
    every.doubt(0)
    assert every.at(0.0).get("a/x") is None
    every.hear(0, {"a/x": CHEAP}, at=0.0)
    every.doubt(0)
    stale = every.at(9.0).get("a/x")
    every.hear(0, {"a/x": CHEAP}, at=10.0)
    fresh = every.at(10.0).get("a/x")
    assert stale is not None
    assert fresh is not None
    assert (stale.price, stale.age_s, stale.is_stale, fresh.is_stale) == (CHEAP, 9.0, True, False)


def test_a_photograph_does_not_change() -> None:
    """What a source says later is not in a photograph taken before, though it is asked for only then."""
    every = PriceList(sources=SOURCES)
    every.hear(0, {"a/x": CHEAP}, at=0.0)
    before = every.at(1.0)
    every.hear(0, {"a/x": DEAR}, at=2.0)
    quote, later = before.get("a/x"), every.at(2.0).get("a/x")
    assert quote is not None
    assert later is not None
    assert (quote.price, quote.age_s, later.price, later.age_s) == (CHEAP, 1.0, DEAR, 0.0)


@pytest.mark.parametrize("wall", [0.0, -1e9])
def test_a_clock_that_is_behind(wall: float) -> None:
    """A shipped price from the future has no negative age."""
    quote = PriceList(catalog=shipped.load(), wall=wall).at(0.0).get("openai/gpt-4o")
    assert quote is not None
    assert quote.age_s == 0.0


def test_names_without_end_are_not_kept() -> None:
    """What callers make up is bounded."""
    book = PriceList(catalog=shipped.load(), wall=NOW).at(0.0)
    for number in range(prices.REMEMBERED + 10):
        book.get(f"openai/made-up-{number}")
    assert len(book._known) <= prices.REMEMBERED


def test_shipped_prices_stand_in_until_every_source_has_spoken() -> None:
    """Where they fill no gaps they count as long as a source has never said anything, and not once it fails later."""
    every = PriceList(catalog=shipped.load(), fills_gaps=False, sources=SOURCES, wall=NOW)
    assert every.at(0.0).get("openai/gpt-4o-mini") is not None
    every.hear(0, {"a/x": CHEAP}, at=0.0)
    assert every.at(0.0).get("openai/gpt-4o-mini") is not None
    every.hear(1, {"a/x": CHEAP}, at=0.0)
    assert every.at(0.0).get("openai/gpt-4o-mini") is None
    assert every.at(1e9).get("openai/gpt-4o-mini") is None


def test_what_a_source_said_is_taken_over_where_it_is_newer() -> None:
    """Of the same source alone; what was read from disk gives way to what was heard since."""
    old, new = PriceList(sources=SOURCES), PriceList(sources=(SOURCES[1], PriceSource("one", 99.0, {})))
    old.hear(0, {"a/x": CHEAP}, at=5.0)
    old.hear(1, {"a/y": DEAR}, at=5.0)
    new.hear(0, {"a/y": CHEAP}, at=1.0)
    new.take_over(old)
    book = new.at(6.0)
    quote = book.get("a/y")
    assert quote is not None
    assert (quote.price, book.get("a/x")) == (DEAR, None)
    new.hear(0, {"a/y": CHEAP}, at=7.0)
    new.take_over(old)
    later = new.at(8.0).get("a/y")
    assert later is not None
    assert later.price == CHEAP


def test_a_source_without_prices() -> None:
    """Said first, it means that nothing is known of its models, whatever the catalog says; later it wipes nothing."""
    book = PriceList(catalog=shipped.load(), sources=SOURCES[:1], fills_gaps=False, wall=NOW)
    book.hear(0, {}, at=0.0)
    assert book.at(0.0).get("openai/gpt-4o") is None
    book.hear(0, {"openai/gpt-4o": CHEAP}, at=1.0)
    with pytest.raises(FeedError, match="any more"):
        book.hear(0, {}, at=2.0)
    known = book.at(2.0).get("openai/gpt-4o")
    assert known is not None
    assert known.price == CHEAP
