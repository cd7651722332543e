"""The order of candidates under a policy. Unknown numbers rank after known ones, ties keep the author's order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plano.domain.decision import Candidate
from plano.domain.route import Prefer, SelectionPolicy
from plano.domain.snapshot import Reading

Key = Callable[[Candidate], float]

_UNKNOWN = float("inf")


def in_order(candidates: Sequence[Candidate], policy: SelectionPolicy) -> tuple[Candidate, ...]:
    """The candidates in the order of the policy; ``candidates`` come in the author's order."""
    return tuple(sorted(candidates, key=_KEYS[policy.prefer](candidates, policy)))


def _author(_candidates: Sequence[Candidate], _policy: SelectionPolicy) -> Key:
    return lambda _candidate: 0.0


def _price(_candidates: Sequence[Candidate], _policy: SelectionPolicy) -> Key:
    return lambda candidate: _value(candidate.price)


def _latency(_candidates: Sequence[Candidate], _policy: SelectionPolicy) -> Key:
    return lambda candidate: _value(candidate.latency)


def _balanced(candidates: Sequence[Candidate], policy: SelectionPolicy) -> Key:
    """Weighted sum of each number divided by the largest known one, so that both lie in 0..1."""
    dearest = _largest([candidate.price for candidate in candidates])
    slowest = _largest([candidate.latency for candidate in candidates])

    def key(candidate: Candidate) -> float:
        terms = (
            (policy.cost_weight, _value(candidate.price) / dearest),
            (policy.latency_weight, _value(candidate.latency) / slowest),
        )
        return sum(weight * term for weight, term in terms if weight > 0)

    return key


_KEYS: dict[Prefer, Callable[[Sequence[Candidate], SelectionPolicy], Key]] = {
    "none": _author,
    "cheapest": _price,
    "fastest": _latency,
    "balanced": _balanced,
}


def _value(reading: Reading | None) -> float:
    return _UNKNOWN if reading is None else reading.value


def _largest(readings: Sequence[Reading | None]) -> float:
    return max((reading.value for reading in readings if reading is not None), default=0.0) or 1.0
