"""From features to a probability: that the best route is the right one, rather than none.

A layer of a few tanh units and a logistic one: small enough to be read in ``router.json``, where its numbers lie.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """One hidden unit: weights by feature, its bias, and its weight in the result."""

    weights: tuple[float, ...]
    bias: float
    out: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted numbers.

    ``means``, ``scales``: by feature. ``direct``: weights that skip the hidden units. ``threshold``: the probability
    from which a route is taken. ``sharpness`` (> 0): how fast the score of a route falls below the best one, per unit
    of cosine.
    """

    means: tuple[float, ...]
    scales: tuple[float, ...]
    direct: tuple[float, ...]
    units: tuple[Unit, ...]
    bias: float
    threshold: float
    sharpness: float

    def probability(self, features: Sequence[float]) -> float:
        """The probability, 0..1, that the best route is right."""
        scaled = tuple(
            (value - mean) / scale for value, mean, scale in zip(features, self.means, self.scales, strict=True)
        )
        total = self.bias + _dot(self.direct, scaled)
        for unit in self.units:
            total += unit.out * math.tanh(unit.bias + _dot(unit.weights, scaled))
        return 1.0 / (1.0 + math.exp(-min(max(total, -50.0), 50.0)))

    def probabilities(self, scores: Sequence[float], features: Sequence[float]) -> tuple[float, ...]:
        """One per route, in their order: the best has ``probability``, the others as much less as they score less."""
        best = max(scores)
        top = self.probability(features)
        return tuple(top * math.exp(self.sharpness * (score - best)) for score in scores)


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return math.fsum(a * b for a, b in zip(left, right, strict=True))
