"""What is taken for what: how often each answer was given where each answer was wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

NONE = "(none)"
"""How "no route" is written in a table or picture."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """``labels``: the answers that were wanted or given, routes by how often they were wanted, none last.

    ``counts``: rows by what was wanted, columns by what was given, in the order of the labels.
    """

    labels: tuple[str | None, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def mistakes(self) -> tuple[tuple[str | None, str | None, int], ...]:
        """(Wanted, given, how often), the most frequent first."""
        cells = [
            (self.labels[row], self.labels[column], count)
            for row, counts in enumerate(self.counts)
            for column, count in enumerate(counts)
            if count and row != column
        ]
        return tuple(sorted(cells, key=lambda cell: -cell[2]))


def confusion(wanted: Sequence[str | None], given: Sequence[str | None]) -> Confusion:
    """The matrix of one answer per case."""
    often = Counter(wanted)
    labels = sorted({*wanted, *given}, key=lambda label: (label is None, -often[label], str(label)))
    pairs = Counter(zip(wanted, given, strict=True))
    return Confusion(tuple(labels), tuple(tuple(pairs[row, column] for column in labels) for row in labels))


def shown(label: str | None) -> str:
    """The label as people read it."""
    return NONE if label is None else label
