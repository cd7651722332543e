"""The calibration: a logistic regression from the features of a match to the chance that the best route is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plano.intent.calibration import Calibration

Floats = NDArray[np.float64]

DECAY, STEPS = 2e-3, 20
SHARES = {"policies": 2.0, "conversations": 2.0}
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Plain:
    """The route of the highest cosine for each case, and that cosine."""

    answers: tuple[str, ...]
    cosines: Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """Matched cases. ``features`` (n, f); ``answers``: the best route; ``is_right``: is it the wanted one;
    ``is_routed``: is any wanted. ``gaps``: the scores of the routes minus the best one, the wanted route first; None
    where none is wanted.
    """

    requests: tuple[str, ...]
    features: Floats
    answers: tuple[str, ...]
    is_right: NDArray[np.bool_]
    is_routed: NDArray[np.bool_]
    gaps: tuple[tuple[float, ...] | None, ...]

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Rows:
        """The rows of all parts."""
        return cls(
            tuple(request for part in parts for request in part.requests),
            np.concatenate([part.features for part in parts]),
            tuple(answer for part in parts for answer in part.answers),
            np.concatenate([part.is_right for part in parts]),
            np.concatenate([part.is_routed for part in parts]),
            tuple(gap for part in parts for gap in part.gaps),
        )

    def without(self, requests: frozenset[str]) -> Rows:
        """The rows with other requests than these."""
        return self.where(np.array([request not in requests for request in self.requests], dtype=bool))

    def where(self, keep: NDArray[np.bool_]) -> Rows:
        """The chosen rows."""
        places = [int(place) for place in np.flatnonzero(keep)]
        return Rows(
            tuple(self.requests[place] for place in places),
            self.features[places],
            tuple(self.answers[place] for place in places),
            self.is_right[places],
            self.is_routed[places],
            tuple(self.gaps[place] for place in places),
        )


def fitted(sources: Mapping[str, Rows]) -> Calibration:
    """The calibration of these sources. Each counts as a whole, written text twice.

    Cases with a route where another one scores best are left out: whatever is decided there is wrong.
    """
    parts = {name: rows.where(rows.is_right | ~rows.is_routed) for name, rows in sources.items()}
    parts = {name: rows for name, rows in parts.items() if rows.requests}
    features = np.concatenate([rows.features for rows in parts.values()])
    labels = np.concatenate([rows.is_right for rows in parts.values()]).astype(np.float64)
    shares = [np.full(len(rows.requests), SHARES.get(name, 1.0) / len(rows.requests)) for name, rows in parts.items()]
    weights = np.concatenate(shares)
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    slopes, bias = _regression((features - mean) / scale, labels, weights / weights.sum())
    return Calibration(
        weights=tuple(round(float(slope), 6) for slope in slopes / scale),
        bias=round(float(bias - (slopes * mean / scale).sum()), 6),
        threshold=THRESHOLD,
        sharpness=_sharpness([gap for rows in sources.values() for gap in rows.gaps if gap is not None]),
    )


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
