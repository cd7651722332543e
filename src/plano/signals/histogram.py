"""A spread of positive numbers over many orders of magnitude, at a known error and a fixed size.

Bucket i holds the numbers from g^i to g^(i+1) for g = 1.04; the middle of a bucket is at most 2 % away from any number
in it (Masson, Rim, Lee 2019, "DDSketch", proposition 3, with fixed instead of collapsing bounds).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log

GROWTH = 1.04
LEAST = 1e-4
MOST = 3_600.0
"""Numbers outside count as the nearest bound."""

_PER_LOG = 1.0 / log(GROWTH)
_OFFSET = log(LEAST) * _PER_LOG
_BUCKETS = ceil(log(MOST) * _PER_LOG - _OFFSET) + 1
_MIDDLE = 2.0 * GROWTH / (1.0 + GROWTH)


class LogHistogram:
    """Weights by bucket: 450 numbers, 4 KB."""

    __slots__ = ("_buckets", "weight")

    def __init__(self) -> None:
        self._buckets = [0.0] * _BUCKETS
        self.weight = 0.0

    def add(self, value: float, weight: float = 1.0) -> None:
        """Counts ``value`` (> 0) with ``weight``."""
        bounded = LEAST if value < LEAST else MOST if value > MOST else value
        self._buckets[int(log(bounded) * _PER_LOG - _OFFSET)] += weight
        self.weight += weight

    def scale(self, factor: float) -> None:
        """Multiplies every weight."""
        self._buckets = [weight * factor for weight in self._buckets]
        self.weight *= factor

    def quantiles(self, shares: Sequence[float]) -> tuple[float, ...]:
        """The numbers below which ``shares`` (0..1, ascending) of the weight lie; empty when nothing was counted."""
        if self.weight <= 0.0:
            return ()
        found: list[float] = []
        below, wanted = 0.0, [share * self.weight for share in shares]
        for place, weight in enumerate(self._buckets):
            below += weight
            while weight and len(found) < len(wanted) and below >= wanted[len(found)]:
                found.append(LEAST * GROWTH**place * _MIDDLE)
            if len(found) == len(wanted):
                break
        # Sums of floats may fall short of their total by a rounding.
        last = max(place for place, weight in enumerate(self._buckets) if weight)
        return (*found, *[LEAST * GROWTH**last * _MIDDLE] * (len(wanted) - len(found)))
