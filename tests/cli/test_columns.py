"""Tables that fit the terminal."""

from __future__ import annotations

import pytest

from plano.cli.columns import Column, table, wrapped

COLUMNS = (Column("state", 6, 3, is_words=True), Column("few", 4, 1), Column("many", 8, 2))
ROWS = [("a-name-of-thirty-characters-long", ("free", "1", "2")), ("b", ("held", "10", "20"))]


@pytest.mark.parametrize(
    ("room", "titles"),
    [
        (None, ["name", "state", "few", "many"]),
        (100, ["name", "state", "few", "many"]),
        (45, ["name", "state", "few", "many"]),
        (44, ["name", "state", "many"]),
        (39, ["name", "state"]),
        (20, ["name"]),
    ],
)
def test_what_is_needed_least_goes_first(room: int | None, titles: list[str]) -> None:
    """One after the other, until the names have room; never half a column."""
    head, *rows = table("name", COLUMNS, ROWS, room=room)
    assert head.split() == titles
    assert all(len(line) <= (room or 100) for line in (head, *rows))
    assert [len(row.split()) for row in rows] == [len(titles)] * 2


def test_names_take_what_is_left() -> None:
    """Up to forty characters; a longer one is cut, and says so."""
    assert list(table("name", COLUMNS[:1], ROWS, room=36)) == [
        f"{'name':<29} state",
        f"{'a-name-of-thirty-characters-…'} free",
        f"{'b':<29} held",
    ]


def test_hostile_names() -> None:
    """A name is one line, and does nothing to the terminal."""
    (_, row) = table("name", COLUMNS[:1], [("\x1b[2J\n", ("free",))], room=None)
    assert row.startswith("\\u001b[2J\\u000a ")


@pytest.mark.parametrize(
    ("room", "lines"),
    [(None, ["aaa, bbb, ccc"]), (13, ["aaa, bbb, ccc"]), (12, ["aaa, bbb", "  ccc"]), (2, ["aaa", "  bbb", "  ccc"])],
)
def test_parts_go_on_in_the_next_line(room: int | None, lines: list[str]) -> None:
    """None is cut, whatever room there is."""
    assert list(wrapped(["aaa", "bbb", "ccc"], between=", ", indent="  ", room=room)) == lines
