"""The order of candidates under a policy. Unknown numbers rank after known ones, ties keep the author's order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plano.domain.decision import Candidate
from plano.domain.route import Prefer, SelectionPolicy

Key = Callable[[Candidate], float]

_UNKNOWN = float("inf")


def in_order(candidates: Sequence[Candidate], policy: SelectionPolicy) -> tuple[Candidate, ...]:
    """The candidates in the order of the policy; ``candidates`` come in the author's order."""
    return tuple(sorted(candidates, key=_KEYS[policy.prefer](candidates, policy)))


def _author(_candidates: Sequence[Candidate], _policy: SelectionPolicy) -> Key:
    return lambda _candidate: 0.0


def _cost(_candidates: Sequence[Candidate], _policy: SelectionPolicy) -> Key:
    return lambda candidate: _value(candidate.cost)


def _time(_candidates: Sequence[Candidate], _policy: SelectionPolicy) -> Key:
    return lambda candidate: _value(candidate.time)


def _balanced(candidates: Sequence[Candidate], policy: SelectionPolicy) -> Key:
    """Weighted sum of each number divided by the largest known one, so that both lie in 0..1."""
    dearest = _largest([candidate.cost for candidate in candidates])
    slowest = _largest([candidate.time for candidate in candidates])

    def key(candidate: Candidate) -> float:
        terms = (
            (policy.cost_weight, _value(candidate.cost) / dearest),
            (policy.latency_weight, _value(candidate.time) / slowest),
        )
        return sum(weight * term for weight, term in terms if weight > 0)

    return key


_KEYS: dict[Prefer, Callable[[Sequence[Candidate], SelectionPolicy], Key]] = {
    "none": _author,
    "cheapest": _cost,
    "fastest": _time,
    "balanced": _balanced,
}


def _value(number: float | None) -> float:
    return _UNKNOWN if number is None else number


def _largest(numbers: Sequence[float | None]) -> float:
    return max((number for number in numbers if number is not None), default=0.0) or 1.0
