"""Counts that each of several workers keeps for itself, and that the first one shows as those of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from plano.observe.exposition import LabelledLive, LabelValues
from plano.observe.gathering import Gatherer, Totals

Read = Callable[[], Iterable[tuple[LabelValues, float]]]
"""Gives (label values, number) for each series."""


class Summed:
    """The counts of this worker, each with those that ``others`` told under its name."""

    def __init__(self, others: Gatherer) -> None:
        self._others = others
        self._own: dict[str, Read] = {}

    def family(self, name: str, said: str, labels: Sequence[str], read: Read) -> LabelledLive:
        """A family of counters: what ``read`` gives here, and the same of the others."""
        self._own[name] = read

        return LabelledLive(name, said, labels, lambda: self._together(name).items(), kind="counter")

    def total(self, name: str) -> float:
        """All series of a family together."""
        return sum(self._together(name).values())

    def told(self) -> Totals:
        """What this worker tells the first one."""
        return tuple([((name, *values), number) for name, read in self._own.items() for values, number in read()])

    def _together(self, name: str) -> dict[LabelValues, float]:
        total = dict(self._own[name]())
        for values, number in self._others.totals(name):
            total[values] = total.get(values, 0) + number
        return total
