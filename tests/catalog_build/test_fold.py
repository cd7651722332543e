"""Dated ids become aliases where they say nothing of their own."""

from __future__ import annotations

from catalog.fold import fold
from catalog.merge import Entry
from catalog.statement import Facts

from tests.catalog_build.made import quoted, shipped


def folded(*entries: Entry, aliases: dict[tuple[str, str], str] | None = None) -> dict[str, tuple[str, ...]]:
    """The ids that are left with their aliases."""
    return {entry.id: entry.aliases for entry in fold(entries, aliases or {})}


def test_a_dated_id_of_the_same_price_is_an_alias() -> None:
    """Facts fill each other's gaps, and everyone who stands behind either is named."""
    (entry,) = fold(
        [
            shipped("m", quoted("1", "2"), Facts(context=5)),
            shipped("m-2025-01-01", quoted("1", "2", "0.1"), Facts(tools=True)),
        ],
        {},
    )
    assert (entry.id, entry.aliases) == ("m", ("m-2025-01-01",))
    assert (entry.quote, entry.facts) == (quoted("1", "2", "0.1"), Facts(context=5, tools=True))


def test_another_price_or_another_fact_stays_its_own_entry() -> None:
    """Nothing that a user could notice is folded away."""
    kept = folded(shipped("m"), shipped("m-2025-01-01", quoted("9", "9")), shipped("m-2025-02-01"))
    assert kept == {"m": ("m-2025-02-01",), "m-2025-01-01": ()}
    assert folded(shipped("m", facts=Facts(tools=True)), shipped("m-2025-01-01", facts=Facts(tools=False))) == {
        "m": (),
        "m-2025-01-01": (),
    }


def test_the_undated_name_is_the_newests() -> None:
    """A family that is no id itself means the newest of it, ``-latest`` before any date."""
    old, new = shipped("m-20240101", quoted("1", "1")), shipped("m-20250101", quoted("2", "2"))
    assert folded(old, new) == {"m-20240101": (), "m-20250101": ("m",)}
    assert folded(old, new, shipped("m-latest", quoted("3", "3")))["m-latest"] == ("m",)


def test_siblings_without_an_undated_id_fold_into_the_newest() -> None:
    """The same price under two dates is one entry."""
    assert folded(shipped("m-20240101"), shipped("m-20250101")) == {"m-20250101": ("m", "m-20240101")}


def test_a_sources_alias_leads_to_where_its_model_went() -> None:
    """Also when that model became an alias itself; an alias that is an id is none."""
    aliases = {("p", "emm"): "m-2025-01-01", ("p", "m"): "m-2025-01-01", ("p", "x"): "unknown"}
    assert folded(shipped("m"), shipped("m-2025-01-01"), aliases=aliases) == {"m": ("emm", "m-2025-01-01")}


def test_a_region_of_the_same_price_is_an_alias() -> None:
    """And with a surcharge it is not."""
    home, us, eu = shipped("a.m"), shipped("us.a.m"), shipped("eu.a.m", quoted("1.1", "2.2"))
    assert folded(home, us, eu) == {"a.m": ("us.a.m",), "eu.a.m": ()}


def test_providers_are_apart() -> None:
    """The family of a dated id is looked for at its own provider."""
    kept = fold([shipped("m", provider="a"), shipped("m-2025-01-01", provider="b")], {})
    assert [(entry.provider, entry.id) for entry in kept] == [("a", "m"), ("b", "m-2025-01-01")]


def test_the_order_of_the_sources_does_not_matter() -> None:
    """The same entries in any order fold to the same list."""
    entries = [shipped("m"), shipped("m-20240101"), shipped("n-20250101"), shipped("n-latest"), shipped("us.a.m")]
    assert fold(entries, {}) == fold(entries[::-1], {})
