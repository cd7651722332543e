"""Rows of the file become nouns."""

from __future__ import annotations

import msgspec
import pytest

from plano.catalog.rows import Row, entry
from plano.domain.catalog import Capabilities, CatalogEntry, Price, Provenance, Rates, Tier

SOURCES = (Provenance("a", "1", "2026-01-01"), Provenance("b", "2", "2026-02-01"))
FULL = b'["m",["m-1"],[1,2.5,0.1,null,4],[[200000,2,5,null,3]],[1000,900,100,"tip","ta",true,false,null],[1],[0,1]]'
EMPTY = b'["m",[],null,[],[null,null,null,"","",null,null,null],[],[]]'


def row(line: bytes) -> Row:
    """The row of a line of the file."""
    return msgspec.json.decode(line, type=Row)


def test_every_column_has_its_place() -> None:
    """Nothing is swapped or lost."""
    assert entry("p", row(FULL), SOURCES) == CatalogEntry(
        provider="p",
        id="m",
        aliases=("m-1",),
        price=Price(Rates(1.0, 2.5, 0.1, None), (Tier(200_000, Rates(2.0, 5.0, None, 3.0)),), 4.0),
        capabilities=Capabilities(1000, 900, 100, ("text", "image", "pdf"), ("text", "audio"), True, False, None),
        price_sources=(SOURCES[1],),
        capability_sources=SOURCES,
    )


def test_nothing_known_is_none() -> None:
    """Null and empty columns are unknown, not 0 and not "nothing"."""
    assert entry("p", row(EMPTY), SOURCES) == CatalogEntry("p", "m", (), None, Capabilities())


@pytest.mark.parametrize("broken", [b'["m"]', FULL.replace(b"2.5", b'"2.5"'), FULL.replace(b"true", b"1")])
def test_a_row_of_another_shape_is_refused(broken: bytes) -> None:
    """Too short, text for a number, a number for a flag."""
    with pytest.raises(msgspec.ValidationError):
        row(broken)
