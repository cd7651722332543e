"""A logistic regression from the features of a match to the probability that the best route is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plano.intent.calibration import Calibration

Floats = NDArray[np.float64]

DECAY, STEPS = 2e-3, 20
TRIED = np.arange(0.20, 0.71, 0.01)
NEAR_BEST = 0.005


@dataclass(frozen=True, slots=True)
class Rows:
    """Matched cases. ``features`` (n, f); ``is_right``: is the best route the wanted one; ``is_routed``: is any wanted.

    ``gaps``: for each case the scores of its routes minus the best one, the wanted route first; None without one.
    """

    requests: tuple[str, ...]
    features: Floats
    is_right: NDArray[np.bool_]
    is_routed: NDArray[np.bool_]
    gaps: tuple[tuple[float, ...] | None, ...]

    def without(self, requests: frozenset[str]) -> Rows:
        """The rows with other requests than these."""
        return self.where(np.array([request not in requests for request in self.requests], dtype=bool))

    def where(self, keep: NDArray[np.bool_]) -> Rows:
        """The chosen rows."""
        places = np.flatnonzero(keep)
        return Rows(
            tuple(self.requests[place] for place in places),
            self.features[places],
            self.is_right[places],
            self.is_routed[places],
            tuple(self.gaps[place] for place in places),
        )


def fitted(sources: Sequence[tuple[Rows, float]]) -> Calibration:
    """The calibration of these sources, each with the weight it has as a whole; its threshold is 0.5.

    What tells the right route from none is learned where one of the two is to be told: cases with a route where another
    one scores best are left out. They count where the sum of these features becomes a probability: that the best route
    is the right one, and neither none nor another (Platt 1999).
    """
    told = [(rows.where(rows.is_right | ~rows.is_routed), weight) for rows, weight in sources]
    features, labels, weights = _stacked([(rows, weight) for rows, weight in told if len(rows.requests)])
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    slopes, bias = _regression((features - mean) / scale, labels, weights)
    slopes, bias = slopes / scale, bias - (slopes * mean / scale).sum()
    features, labels, weights = _stacked(sources)
    (stretch,), shift = _regression((features @ slopes + bias)[:, None], labels, weights)
    return Calibration(
        weights=tuple(round(float(slope), 6) for slope in stretch * slopes),
        bias=round(float(stretch * bias + shift), 6),
        threshold=0.5,
        sharpness=_sharpness([gap for rows, _ in sources for gap in rows.gaps if gap is not None]),
    )


def _stacked(sources: Sequence[tuple[Rows, float]]) -> tuple[Floats, Floats, Floats]:
    """Features (n, f), labels (n,) and weights (n,) of all cases; the weights sum to 1."""
    features = np.concatenate([rows.features for rows, _ in sources])
    labels = np.concatenate([rows.is_right for rows, _ in sources]).astype(np.float64)
    weights = np.concatenate([np.full(len(rows.requests), weight / len(rows.requests)) for rows, weight in sources])
    return features, labels, weights / weights.sum()


def threshold(sources: Mapping[str, tuple[Rows, Calibration]]) -> float:
    """The middle of the thresholds whose mean accuracy over the sources is within half a point of the best.

    Each source comes with a calibration that was fitted without it.
    """
    accuracies = np.mean([_accuracies(rows, calibration) for rows, calibration in sources.values()], axis=0)
    return round(float(TRIED[accuracies >= accuracies.max() - NEAR_BEST].mean()), 2)


def _accuracies(rows: Rows, calibration: Calibration) -> Floats:
    """The accuracy, none as a class, at each threshold of TRIED."""
    chance = np.array([calibration.probability(features) for features in rows.features])
    taken = chance[:, None] >= TRIED
    return np.where(taken, rows.is_right[:, None], ~rows.is_routed[:, None]).mean(axis=0)


def _regression(features: Floats, labels: Floats, weights: Floats) -> tuple[Floats, float]:
    """Slopes and bias of the ridge logistic regression, by Newton's method. The weights sum to 1."""
    inputs = np.column_stack((features, np.ones(len(features))))
    penalty = DECAY * np.eye(inputs.shape[1])
    penalty[-1, -1] = 0
    numbers = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-inputs @ numbers))
        slope = inputs.T @ (weights * (chance - labels)) + penalty @ numbers
        curve = (inputs * (weights * chance * (1 - chance))[:, None]).T @ inputs + penalty
        numbers -= np.linalg.solve(curve, slope)
    return numbers[:-1], float(numbers[-1])


def _sharpness(gaps: Sequence[tuple[float, ...]]) -> float:
    """The inverse temperature at which a softmax over the routes explains the wanted ones best."""
    tried = np.geomspace(5, 80, 60)
    costs = [
        np.mean([-value * gap[0] + np.log(np.exp(value * np.array(gap)).sum()) for gap in gaps]) for value in tried
    ]
    return round(float(tried[int(np.argmin(costs))]), 3)
