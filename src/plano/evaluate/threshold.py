"""Which threshold would have been best on labelled cases, and what it is worth on cases it was not chosen on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from plano.evaluate.run import Answer

FOLDS = 5
FEWEST = 20
"""Scored cases below which no threshold is suggested: it would be a guess."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``value``: the middle of the thresholds with the best accuracy. ``accuracy``: on all cases at that value.

    ``now``: the threshold that was used, and ``now_accuracy`` with it. ``held_out``: accuracy where the threshold of
    each fifth of the conversations is chosen on the other four: what the choice is worth on new prompts.
    """

    value: float
    accuracy: float
    now: float
    now_accuracy: float
    held_out: float


def suggest(answers: Sequence[Answer]) -> Suggestion | None:
    """The suggestion; None where fewer than 20 cases have scores, as those of a router model alone have none."""
    scored = [answer for answer in answers if answer.intent.scores and answer.intent.threshold is not None]
    if len(scored) < FEWEST:
        return None
    now = scored[0].intent.threshold or 0.0
    points = [_point(answer) for answer in scored]
    fixed = sum(answer.is_right for answer in answers) - sum(answer.is_right for answer in scored)
    best = _best(points)
    folds = [_fold(answer) for answer in scored]
    held_out = 0
    for fold in range(FOLDS):
        chosen = _best([point for point, place in zip(points, folds, strict=True) if place != fold])
        held_out += _right([point for point, place in zip(points, folds, strict=True) if place == fold], chosen)
    return Suggestion(
        best,
        (fixed + _right(points, best)) / len(answers),
        now,
        (fixed + _right(points, now)) / len(answers),
        (fixed + held_out) / len(answers),
    )


_Point = tuple[float, bool, bool]
"""The best score, is its route the right one, is none right."""


def _point(answer: Answer) -> _Point:
    name, best = max(answer.intent.scores, key=lambda score: score[1])
    return best, name == answer.case.wanted, answer.case.wanted is None


def _right(points: Sequence[_Point], threshold: float) -> int:
    return sum(is_route if best >= threshold else is_none for best, is_route, is_none in points)


def _best(points: Sequence[_Point]) -> float:
    """The middle of the widest stretch of thresholds at which the most cases are right."""
    ranked = sorted(points)
    right = sum(is_route for _, is_route, _ in ranked)
    # Between two scores every threshold gives the same answers: the stretch that ends at a score, and its count.
    stretches: list[tuple[int, float, float]] = []
    below = 0.0
    for place, (best, is_route, is_none) in enumerate(ranked):
        if not stretches or stretches[-1][2] != best:
            stretches.append((right, below, best))
        right += is_none - is_route
        if place + 1 == len(ranked) or ranked[place + 1][0] != best:
            below = best
    if below < 1.0:
        stretches.append((right, below, 1.0))
    _, low, high = max(stretches, key=lambda stretch: (stretch[0], stretch[2] - stretch[1]))
    return round((low + high) / 2, 3)


def _fold(answer: Answer) -> int:
    """The fold of a case: that of its conversation, whatever order the cases have."""
    case = answer.case
    name = f"{case.dataset}\0{case.conversation or case.id}".encode("utf-8", "surrogatepass")
    return blake2b(name, digest_size=2).digest()[0] % FOLDS
