"""Lines of names that are not Latin stay within the terminal, and their columns below each other."""

from __future__ import annotations

import pytest

from plano.cli.cells import cells, clipped, padded
from plano.cli.columns import Column, table
from plano.cli.tree import cut


@pytest.mark.parametrize(
    ("text", "taken"), [("", 0), ("openai/gpt", 10), ("é", 1), ("e\u0301", 1), ("漢字", 4), ("ｆｕｌｌ", 8), ("💩", 2)]
)
def test_what_a_text_takes(text: str, taken: int) -> None:
    """Two cells for wide characters, none for marks above others."""
    assert cells(text) == taken
    assert clipped(text, taken) == text
    assert padded(text, taken + 2) == f"{text}  "


@pytest.mark.parametrize(("room", "shown"), [(0, ""), (1, ""), (2, "漢"), (3, "漢"), (4, "漢字"), (9, "漢字x")])
def test_no_half_a_character(room: int, shown: str) -> None:
    """What has no room for all of itself is left out."""
    assert clipped("漢字x", room) == shown


def test_columns_stand_below_each_other() -> None:
    """Whatever the names are written in; no line is wider than it may be."""
    rows = [("漢" * 30, ("1",)), ("e\u0301" * 10, ("2",)), ("plain", ("3",))]
    lines = list(table("model", [Column("n", 5, 1)], rows, room=30))
    assert {cells(line) for line in lines} == {30}
    assert cells(cut("漢" * 30, 24)) in (23, 24)
