"""The answers to one set of cases, looked at from every side that a figure can be had from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plano.evaluate.confidence import Bin, bins, calibration_error, separation
from plano.evaluate.confusion import Confusion, confusion
from plano.evaluate.resample import Interval, intervals
from plano.evaluate.run import Answer
from plano.evaluate.threshold import Suggestion, suggest


@dataclass(frozen=True, slots=True)
class Study:
    """``intervals``: by the name of a figure. ``tenths``, ``calibration_error``, ``separation``: of the probability of
    the best route, as far as there is one: a router model over HTTP gives none. ``suggestion``: of another threshold.
    """

    intervals: Mapping[str, Interval]
    confusion: Confusion
    tenths: tuple[Bin, ...]
    calibration_error: float | None
    separation: float | None
    suggestion: Suggestion | None


def study(answers: Sequence[Answer]) -> Study:
    """The study of at least one answer."""
    cases = [answer.case for answer in answers]
    given = [answer.intent.route for answer in answers]
    scored = [answer for answer in answers if answer.intent.scores]
    chances, best = [one.chance for one in scored], [one.is_best_right for one in scored]
    return Study(
        intervals(cases, given),
        confusion([case.wanted for case in cases], given),
        bins(chances, best),
        calibration_error(chances, best),
        separation(
            [one.chance for one in scored if one.case.wanted is not None],
            [one.chance for one in scored if one.case.wanted is None],
        ),
        suggest(answers),
    )
