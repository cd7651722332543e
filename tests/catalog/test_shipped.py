"""The catalog that ships: found by every way to write a name, complete and sane."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from plano.catalog.names import canonical_provider
from plano.catalog.shipped import SHIPPED, Catalog, load
from plano.domain.catalog import CatalogEntry, Price, Rates
from plano.errors import InternalError
from plano.providers import PROVIDERS

CATALOG = load()
EVERYTHING = tuple(entry for provider in CATALOG.providers for entry in CATALOG.models(provider))
HERE_OR_NOWHERE = {"ollama", "vllm", "plano", "chatgpt"}
"""On the own machine, a router model, or paid by subscription: nobody lists a price per token."""

SMALL = (
    b'{"format":1,"sources":[["s","1","2026-05-01"]],"providers":{"gemini":['
    b'["Flash",["fast"],[1,2,null,null,null],[],[null,null,null,"","",null,null,null],[0],[]],'
    b'["flash-2024-08-06",[],[3,4,null,null,null],[],[null,null,null,"","",null,null,null],[0],[]]]}}'
)


@pytest.mark.parametrize(
    ("name", "model_id", "match"),
    [
        ("gemini/Flash", "Flash", "exact"),
        ("google/flash", "Flash", "exact"),
        ("gemini/FAST", "Flash", "alias"),
        ("gemini/flash-2024-08-06", "flash-2024-08-06", "exact"),
        ("gemini/flash-2025-01-01", "Flash", "family"),
        ("gemini/fast-latest", "Flash", "family"),
    ],
)
def test_look_up(name: str, model_id: str, match: str) -> None:
    """An own entry counts before an alias, an alias before the family; case and spelling of a provider are free."""
    found = Catalog(SMALL).find(name)
    assert found is not None
    assert (found.entry.id, found.entry.provider, found.match) == (model_id, "gemini", match)


@pytest.mark.parametrize("name", ["flash", "gemini/", "gemini/*", "gemini/flash-mini", "openai/flash", "", "/", "*"])
def test_what_is_not_known_is_none(name: str) -> None:
    """A bare id, a wildcard, a longer name or another provider has no price here."""
    assert Catalog(SMALL).find(name) is None
    assert Catalog(SMALL).get(name) is None


def test_a_wildcard_covers_the_models_of_its_provider() -> None:
    """``models`` lists them for ``provider/*``, under any spelling; an unknown provider has none."""
    catalog = Catalog(SMALL)
    assert [entry.id for entry in catalog.models("google")] == ["Flash", "flash-2024-08-06"]
    assert (catalog.models("nobody"), catalog.providers, catalog.date) == ((), ("gemini",), "2026-05-01")


def test_the_catalog_is_as_old_as_its_newest_source() -> None:
    """Whatever the order they are listed in."""
    for dates in (("2026-01-01", "2026-05-01"), ("2026-05-01", "2026-01-01")):
        listed = b",".join(b'["s","1","%s"]' % day.encode() for day in dates)
        assert Catalog(SMALL.replace(b'["s","1","2026-05-01"]', listed)).date == "2026-05-01"


@pytest.mark.parametrize(
    "broken",
    [b"", b"[]", b"{}", SMALL[:-40], SMALL.replace(b'"format":1', b'"format":2'), b"\xff"],
    ids=["empty", "list", "object", "half", "another format", "no text"],
)
def test_a_file_that_is_no_catalog_is_refused(broken: bytes) -> None:
    """An InternalError that names the catalog, at once and not at the first look-up."""
    with pytest.raises(InternalError, match="price catalog"):
        Catalog(broken)


def test_a_provider_with_broken_rows_is_refused_when_asked_for() -> None:
    """Rows are decoded per provider."""
    catalog = Catalog(SMALL.replace(b'["Flash",', b"[7,"))
    with pytest.raises(InternalError, match="price catalog"):
        catalog.find("gemini/Flash")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error says what is missing."""
    with pytest.raises(InternalError, match="price catalog cannot be read: No such file"):
        load(tmp_path / "none.json")


def test_the_file_is_small() -> None:
    """It travels with every installation: under 400 KB."""
    assert SHIPPED.stat().st_size < 400_000


def test_the_licences_lie_beside_it() -> None:
    """Every source is named with its version in NOTICE."""
    notice = (SHIPPED.parent / "NOTICE").read_text(encoding="utf-8")
    assert all(f"{source.name} {source.version}" in notice for source in CATALOG.sources)
    assert "MIT License" in (SHIPPED.parent / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("provider", sorted(set(PROVIDERS) - HERE_OR_NOWHERE))
def test_every_hosted_provider_of_plano_is_in_it(provider: str) -> None:
    """A provider row whose models have no price at all would make ``cheapest`` blind."""
    assert any(entry.price is not None for entry in CATALOG.models(provider))


def test_every_entry_is_sane() -> None:
    """Each has a dated source, the catalog's spelling of its provider, text to read, and no price by omission."""

    def odd(entry: CatalogEntry) -> bool:
        price, can = entry.price, entry.capabilities
        free = price is not None and price.usd_per_mtok == 0 and not entry.id.endswith((":free", "-free"))
        undated = any(date.fromisoformat(source.date).year < 2026 for source in entry.price_sources)
        unsourced = (price is not None) != bool(entry.price_sources)
        unlike = can.input_modalities is not None and "text" not in can.input_modalities
        return free or undated or unsourced or unlike or entry.provider != canonical_provider(entry.provider)

    assert [entry.name for entry in EVERYTHING if odd(entry)] == []


def test_every_name_and_alias_leads_to_its_own_entry() -> None:
    """No alias is the id of another model, and none is given twice."""
    for entry in EVERYTHING:
        for model_id in (entry.id, *entry.aliases):
            found = CATALOG.find(f"{entry.provider}/{model_id}")
            assert found is not None
            assert found.entry == entry, model_id


@pytest.mark.parametrize(
    ("name", "rates"),
    [
        ("anthropic/claude-sonnet-4-20250514", Rates(3.0, 15.0, 0.3, 3.75)),
        ("openai/gpt-4o", Rates(2.5, 10.0, 1.25)),
        ("openai/gpt-4o-2024-08-06", Rates(2.5, 10.0, 1.25)),
        ("openai/gpt-4o-2024-05-13", Rates(5.0, 15.0)),
        ("openai/gpt-4o-mini", Rates(0.15, 0.6, 0.075)),
        ("google/gemini-2.5-pro", Rates(1.25, 10.0, 0.125)),
    ],
)
def test_prices_that_everyone_knows(name: str, rates: Rates) -> None:
    """The vendors' own lists, by hand; an old snapshot with its own price keeps it."""
    price = CATALOG.get(name)
    assert isinstance(price, Price)
    assert price.rates == rates


def test_long_context_costs_more() -> None:
    """Gemini 2.5 Pro has a second price above 200,000 prompt tokens."""
    price = CATALOG.get("gemini/gemini-2.5-pro")
    assert price is not None
    assert (price.at(200_000).input, price.at(200_001).input, price.at(200_001).output) == (1.25, 2.5, 15.0)


def test_capabilities_of_the_models_in_the_documentation() -> None:
    """What a shortlist needs to know of them is known."""
    for name in ("anthropic/claude-sonnet-4-20250514", "openai/gpt-4o"):
        found = CATALOG.find(name)
        assert found is not None
        can = found.entry.capabilities
        assert (can.tools, can.prompt_limit is not None, can.max_output_tokens is not None) == (True, True, True)
        assert can.input_modalities is not None
        assert "image" in can.input_modalities
