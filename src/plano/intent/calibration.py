"""From features to a probability: that the best route is the right one, rather than none.

A logistic regression. A hidden layer was tried on sources left out of the fit, and were worse there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted numbers.

    ``weights``: by feature. ``threshold``: the probability from which a route is taken. ``sharpness`` (> 0): how fast
    the score of a route falls below the best one, per unit of score.
    """

    weights: tuple[float, ...]
    bias: float
    threshold: float
    sharpness: float

    def probability(self, features: Sequence[float]) -> float:
        """The probability, 0..1, that the best route is right."""
        total = self.bias + math.fsum(a * b for a, b in zip(self.weights, features, strict=True))
        return 1.0 / (1.0 + math.exp(-min(max(total, -50.0), 50.0)))

    def probabilities(self, scores: Sequence[float], features: Sequence[float]) -> tuple[float, ...]:
        """One per route, in their order: the best has ``probability``, the others as much less as they score less."""
        best = max(scores)
        top = self.probability(features)
        return tuple(top * math.exp(self.sharpness * (score - best)) for score in scores)


def raised(probability: float, *, by: float) -> float:
    """The probability (0..1) with log odds higher by so much; 0 and 1 stay."""
    odds = math.exp(by)
    return probability * odds / (1.0 - probability + probability * odds)
