"""The files that are written."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

from catalog.merge import Conflict
from catalog.packages import WHEELS
from catalog.statement import Facts, Quote
from catalog.write import catalog_bytes, conflict_log

from plano.catalog.shipped import Catalog
from plano.domain.catalog import Capabilities, Price, Rates, Tier
from tests.catalog_build.made import quoted, rates, shipped

FULL = replace(
    shipped(
        "m",
        Quote(rates("1", "2.5", "0.1"), Decimal(4), ((200_000, rates("2", "5", None, "3")),)),
        Facts(1000, 900, 100, ("text", "video"), ("text",), True, False, None),
    ),
    provider="openai",
    aliases=("m-1",),
)


def test_what_is_written_is_what_the_product_reads() -> None:
    """Every column, there and back."""
    found = Catalog(catalog_bytes([FULL])).find("openai/m-1")
    assert found is not None
    entry = found.entry
    assert entry.price == Price(Rates(1.0, 2.5, 0.1), (Tier(200_000, Rates(2.0, 5.0, None, 3.0)),), 4.0)
    assert entry.capabilities == Capabilities(1000, 900, 100, ("text", "video"), ("text",), True, False, None)
    assert [source.name for source in entry.price_sources] == ["litellm"]
    assert [source.name for source in entry.capability_sources] == ["litellm"]


def test_sources_are_named_with_version_and_date() -> None:
    """Each package that the catalog is made of."""
    written = {(source.name, source.version, source.date) for source in Catalog(catalog_bytes([])).sources}
    assert written == {(wheel.name, wheel.version, wheel.date) for wheel in WHEELS}


def test_one_model_a_line_and_the_same_bytes_again() -> None:
    """A changed price is a changed line; whole numbers are written as such; the file is plain ASCII JSON."""
    written = catalog_bytes([shipped("a", quoted("3", "15")), shipped("b")])
    assert written == catalog_bytes([shipped("a", quoted("3", "15")), shipped("b")])
    (line,) = [line for line in written.decode("ascii").splitlines() if line.startswith('["a"')]
    assert line.startswith('["a",[],[3,15,null,null,null],')
    assert json.loads(written)["format"] == 1


def test_the_log() -> None:
    """A table per topic with the number of its rows, sorted; how many sources agree comes first."""
    conflicts = [
        Conflict("p", "b", "price", (("litellm", "1 / 2"), ("genai-prices", "3 / 4")), "1 / 2"),
        Conflict("p", "a", "price", (("litellm", "1 / 2"),), "1 / 2"),
        Conflict("p", "a", "tools", (("litellm", "True"),), "True"),
    ]
    log = conflict_log(conflicts, [shipped("a"), replace(shipped("b"), quoted_by=("litellm", "genai-prices"))])
    assert "2 models, 2 of them priced: 0 by three agreeing sources, 1 by two, 1 by one." in log
    assert "## Input and output, USD per million tokens (2)" in log
    assert log.index("| p/a | 1 / 2 |") < log.index("| p/b | 1 / 2 | litellm 1 / 2, genai-prices 3 / 4 |")
    assert "## Tools (1)" in log
    assert "## Cached" not in log
