"""Text in the cells of a terminal: some characters take two of them, and marks that combine take none."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

_TWO = frozenset("WF")


def cells(text: str) -> int:
    """How many cells a line takes (UAX #11: wide and fullwidth characters take two)."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def clipped(text: str, room: int) -> str:
    """As much of the beginning of a line as ``room`` cells hold."""
    if cells(text) <= room:
        return text
    taken = 0
    for place, character in enumerate(text):
        taken += _cells_of(character)
        if taken > room:
            return text[:place]
    return text


def padded(text: str, width: int) -> str:
    """A line, filled up to ``width`` cells."""
    return text + " " * (width - cells(text))


def _cells_of(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in _TWO else 1
