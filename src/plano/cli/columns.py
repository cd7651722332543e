"""Tables in a terminal: in a narrow one the columns that are needed least are left out, rather than the last ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from plano.cli.cells import padded
from plano.cli.tree import cut

LONGEST_NAME: Final = 40
SHORTEST_NAME: Final = 24
"""Characters of the first column: for a shorter one others are left out."""

NARROWEST_NAME: Final = 12


@dataclass(frozen=True, slots=True)
class Column:
    """One column of numbers or words. ``need``: those with the lowest are left out first."""

    title: str
    width: int
    need: int
    is_words: bool = False

    def shown(self, text: str) -> str:
        """A cell."""
        return f"{text:<{self.width}}" if self.is_words else f"{text:>{self.width}}"


def table(
    first: str, columns: Sequence[Column], rows: Iterable[tuple[str, Sequence[str]]], *, room: int | None
) -> Iterator[str]:
    """Head and rows, each a name and a cell for every column, in lines of at most ``room`` characters; None: any."""
    kept = _kept(columns, room)
    left = LONGEST_NAME if room is None else room - _size(columns, kept)
    name = max(NARROWEST_NAME, min(LONGEST_NAME, left))
    yield _line(f"{first:<{name}}", [columns[place].shown(columns[place].title) for place in kept])
    for text, cells in rows:
        yield _line(padded(cut(text, name), name), [columns[place].shown(cells[place]) for place in kept])


def wrapped(parts: Iterable[str], *, between: str, indent: str, room: int | None) -> Iterator[str]:
    """The parts, as many to a line as ``room`` holds; further lines are indented."""
    line = ""
    for part in parts:
        longer = f"{line}{between}{part}" if line else part
        if line and room is not None and len(longer) > room:
            yield line
            longer = f"{indent}{part}"
        line = longer
    yield line


def _kept(columns: Sequence[Column], room: int | None) -> list[int]:
    """The places of the columns that there is room for."""
    kept = list(range(len(columns)))
    while room is not None and kept and room - _size(columns, kept) < SHORTEST_NAME:
        kept.remove(min(kept, key=lambda place: columns[place].need))
    return kept


def _size(columns: Sequence[Column], kept: Iterable[int]) -> int:
    return sum(columns[place].width + 1 for place in kept)


def _line(name: str, cells: Sequence[str]) -> str:
    return " ".join((name, *cells)).rstrip()
