"""Figures of one set: from probabilities and labels to accuracies, the quality of none, and calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from calibrate import Rows
from numpy.typing import NDArray

from plano.evaluate.confidence import calibration_error, recall_at, separation
from plano.intent.calibration import Calibration

COLUMNS = ("all", "best", "routed", "none_p", "none_r", "r@p90", "auroc", "ece", "top1")


@dataclass(frozen=True, slots=True)
class Figures:
    """``values``: percentages in the order of COLUMNS. ``right``: was each case answered rightly?"""

    count: int
    values: tuple[float, ...]
    right: NDArray[np.bool_]

    def line(self) -> str:
        """The figures in columns."""
        return f"{self.count:6}" + "".join(f"{value:8.1f}" for value in self.values)


def figures(rows: Rows, calibration: Calibration) -> Figures:
    """``all``: accuracy with none as a class; ``best``: at the best threshold for this set; ``routed``: of the cases
    with a route; precision and recall of none; recall of none at the threshold where its precision is 90 %; area under
    ROC for in against out of policy; expected calibration error over ten bins; ``top1``: is the best route right."""
    chance = np.array([calibration.probability(features) for features in rows.features])
    taken = chance >= calibration.threshold
    none = ~rows.is_routed
    right = np.where(taken, rows.is_right, none)
    best = max(
        np.where(chance >= limit, rows.is_right, none).mean() for limit in np.quantile(chance, np.linspace(0, 1, 101))
    )
    values = (
        right.mean(),
        best,
        right[rows.is_routed].mean(),
        _share(none[~taken]),
        _share(~taken[none]),
        _or_nan(recall_at(chance.tolist(), none.tolist(), precision=0.9)),
        _or_nan(separation(chance[rows.is_routed].tolist(), chance[none].tolist())),
        _or_nan(calibration_error(chance.tolist(), rows.is_right.tolist())),
        rows.is_right[rows.is_routed].mean(),
    )
    return Figures(len(chance), tuple(100 * float(value) for value in values), right)


def spans(places: Sequence[tuple[str, str | None]], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Share of unbroken stretches of one wanted route, and of conversations, all of whose turns are right.

    ``places``: conversation and wanted route of each case, turn after turn.
    """
    whole: dict[str, bool] = {}
    stretches: list[bool] = []
    before = None
    for place, good in zip(places, right, strict=True):
        whole[place[0]] = whole.get(place[0], True) and bool(good)
        if place == before:
            stretches[-1] = stretches[-1] and bool(good)
        else:
            stretches.append(bool(good))
        before = place
    return float(np.mean(stretches)), float(np.mean(list(whole.values())))


def _share(part: NDArray[np.bool_]) -> float:
    return float(part.mean()) if len(part) else float("nan")


def _or_nan(share: float | None) -> float:
    return float("nan") if share is None else share
