"""How durations are spread, in little memory: counts by the order of magnitude, told to within 3 %.

A duration falls into the bucket of its logarithm (base 1.06); the answer to a quantile is the geometric middle of its
bucket, so that no answer is off by more than √1.06. From 0.1 ms to ten minutes there are 268 buckets, and only those
that are used take memory. (The idea is that of DDSketch, Masson et al., VLDB 2019.)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from math import ceil, log

GROWTH = 1.06
SHORTEST_S = 0.0001
LONGEST_S = 600.0

_PER_LOG = 1.0 / log(GROWTH)
_OFFSET = log(SHORTEST_S) * _PER_LOG
_LAST = ceil(log(LONGEST_S) * _PER_LOG - _OFFSET)


class Spread:
    """Durations in seconds; shorter than 0.1 ms counts as that, longer than ten minutes as that."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def add(self, durations: Iterable[float]) -> None:
        """More durations."""
        # Sorted, those of one bucket stand together and are counted at once.
        ascending, counts, begin = sorted(durations), self._counts, 0
        while begin < len(ascending):
            seconds = ascending[begin]
            bounded = SHORTEST_S if seconds < SHORTEST_S else LONGEST_S if seconds > LONGEST_S else seconds
            place = ceil(log(bounded) * _PER_LOG - _OFFSET)
            end = bisect_right(ascending, SHORTEST_S * GROWTH**place, begin + 1) if place < _LAST else len(ascending)
            counts[place] = counts.get(place, 0) + end - begin
            begin = end

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self._counts.values())

    def quantile(self, share: float) -> float | None:
        """The duration in seconds that ``share`` (0..1) of them do not exceed; None when there are none."""
        wanted = max(1, ceil(self.count * share))
        seen = 0
        for place in sorted(self._counts):
            seen += self._counts[place]
            if seen >= wanted:
                return SHORTEST_S * GROWTH ** (place - 0.5) if place else SHORTEST_S
        return None

    @classmethod
    def of(cls, parts: Iterable[Spread]) -> Spread:
        """All of them together."""
        whole = cls()
        for part in parts:
            for place, count in part._counts.items():
                whole._counts[place] = whole._counts.get(place, 0) + count
        return whole
