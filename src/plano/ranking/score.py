"""The order of candidates under a policy. Unknown numbers rank after known ones, ties keep the author's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from plano.domain.decision import Candidate
from plano.domain.route import Prefer, SelectionPolicy

Scores = Callable[[Sequence[Candidate], SelectionPolicy], list[float]]

_UNKNOWN = float("inf")


def in_order(candidates: Sequence[Candidate], policy: SelectionPolicy) -> tuple[Candidate, ...]:
    """The candidates in the order of the policy; ``candidates`` come in the author's order."""
    scores = _SCORES[policy.prefer](candidates, policy)
    return tuple([candidates[place] for place in sorted(range(len(candidates)), key=scores.__getitem__)])


def _author(candidates: Sequence[Candidate], _policy: SelectionPolicy) -> list[float]:
    return [0.0] * len(candidates)


def _cost(candidates: Sequence[Candidate], _policy: SelectionPolicy) -> list[float]:
    return [_UNKNOWN if (cost := each.cost) is None else cost for each in candidates]


def _time(candidates: Sequence[Candidate], _policy: SelectionPolicy) -> list[float]:
    return [_UNKNOWN if (time := each.time) is None else time for each in candidates]


def _balanced(candidates: Sequence[Candidate], policy: SelectionPolicy) -> list[float]:
    """Weighted sum of each number divided by the largest known one, so that both lie in 0..1."""
    scores = [0.0] * len(candidates)
    sides = ((policy.cost_weight, _cost), (policy.latency_weight, _time))
    for weight, side in sides:
        if weight > 0:
            numbers = side(candidates, policy)
            largest = max([number for number in numbers if number < _UNKNOWN], default=0.0) or 1.0
            scores = [score + weight * (number / largest) for score, number in zip(scores, numbers, strict=True)]
    return scores


_SCORES: Mapping[Prefer, Scores] = MappingProxyType(
    {"none": _author, "cheapest": _cost, "fastest": _time, "balanced": _balanced}
)
