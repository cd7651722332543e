"""147 models that people really use: the shipped price is that of at least two sources, or a listed conflict."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from plano.catalog.shipped import load

SAID: dict[str, dict[str, list[float]]] = json.loads(
    Path(__file__).with_name("well_known.json").read_text(encoding="utf-8")
)
CATALOG = load()
CONFLICTS = Path(__file__).resolve().parents[2] / "catalog" / "conflicts.md"


def listed() -> set[str]:
    """The names in the table of price conflicts."""
    (table,) = re.findall(r"## Input and output.*?\n(.*?)\n## ", CONFLICTS.read_text(encoding="utf-8"), re.DOTALL)
    return {line.split(" | ")[0].removeprefix("| ").lower() for line in table.splitlines() if line.startswith("| ")}


def test_there_are_enough_of_them() -> None:
    """147 models of eleven providers, each known to at least two sources."""
    providers = Counter(name.partition("/")[0] for name in SAID)
    assert (len(SAID), len(providers) >= 11) == (147, True)
    assert min(len(said) for said in SAID.values()) >= 2


@pytest.mark.parametrize("name", SAID)
def test_two_sources_agree_or_it_is_a_listed_conflict(name: str) -> None:
    """The shipped input and output prices."""
    found = CATALOG.find(name)
    assert found is not None
    assert found.entry.price is not None
    rates = found.entry.price.rates
    behind = [source for source, said in SAID[name].items() if said == [rates.input, rates.output]]
    assert len(behind) >= 2 or {name.lower(), found.entry.name.lower()} & listed()
    assert behind, "the price is nobody's"


def test_conflicts_are_few() -> None:
    """The way out stays narrow: at most one in twenty is a conflict."""
    alone = [name for name, said in SAID.items() if max(Counter(map(tuple, said.values())).values()) < 2]
    assert len(alone) <= 7
