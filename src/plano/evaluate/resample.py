"""How far figures could be off by chance: the bootstrap over conversations, for one router and for the gap between two.

Turns of one conversation are no independent cases, so whole conversations are drawn (cluster bootstrap; Efron and
Tibshirani 1993, chapters 13 and 16). Every figure is a quotient of two sums over conversations, or a mean of such, so
a thousand draws are a product of matrices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, erf

import numpy as np
from numpy.typing import NDArray

from plano.evaluate.cases import LabelledCase
from plano.evaluate.metrics import measure

DRAWS = 1_000
SEED = 20_240_601
CONFIDENCE = 0.95
EXACT = 1_000
"""Up to so many cases on which two routers differ the sign test is exact; beyond, the normal approximation is."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """The ends between which 95 % of the draws lie."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Router B against router A on the same cases.

    ``better``, ``worse``: cases that B alone, and that A alone got right. ``gain``: accuracy of B minus that of A, with
    its interval. ``p_value``: how likely so uneven a split is when both are equally good (McNemar's exact test).
    """

    better: int
    worse: int
    gain: float
    interval: Interval
    p_value: float


def intervals(cases: Sequence[LabelledCase], answers: Sequence[str | None]) -> Mapping[str, Interval]:
    """The interval of each figure of ``metrics.measure`` that is a share of cases or conversations."""
    sums = _sums(cases, answers)
    weights = _draws(len(next(iter(sums.values()))[0]))
    found = {name: _interval(_quotient(weights, *pair)) for name, pair in sums.items() if pair[1].sum() > 0}
    return {**found, "macro_f1": _interval(_macro_f1(weights, cases, answers))}


def difference(cases: Sequence[LabelledCase], first: Sequence[bool], second: Sequence[bool]) -> Difference:
    """What changes from the first router to the second. ``first``, ``second``: which cases each got right."""
    better = sum(b and not a for a, b in zip(first, second, strict=True))
    worse = sum(a and not b for a, b in zip(first, second, strict=True))
    places = _clusters(cases)
    gains = _by(places, np.asarray(second, dtype=float) - np.asarray(first, dtype=float))
    sizes = _by(places, np.ones(len(cases)))
    weights = _draws(len(gains))
    gain = (better - worse) / len(cases)
    return Difference(better, worse, gain, _interval(_quotient(weights, gains, sizes)), _p(better, worse))


def _sums(cases: Sequence[LabelledCase], answers: Sequence[str | None]) -> dict[str, tuple[Floats, Floats]]:
    """For each figure, by cluster: how many are right, of how many."""
    places = _clusters(cases)
    wanted_none = np.array([case.wanted is None for case in cases])
    said_none = np.array([answer is None for answer in answers])
    right = np.array([case.wanted == answer for case, answer in zip(cases, answers, strict=True)])
    of = {
        "accuracy": np.ones(len(cases), dtype=bool),
        "routed_accuracy": ~wanted_none,
        "none_precision": said_none,
        "none_recall": wanted_none,
    }
    sums = {name: (_by(places, right & among), _by(places, among)) for name, among in of.items()}
    if any(case.conversation is not None for case in cases):
        groups = [measure(*members).groups for members in _members(places, cases, answers)]
        spans = np.array([0.0 if one is None else float(one.spans) for one in groups])
        shares = np.array([0.0 if one is None else one.span_accuracy for one in groups])
        whole = np.array([0.0 if one is None else one.conversation_accuracy for one in groups])
        sums["span_accuracy"] = shares * spans, spans
        sums["conversation_accuracy"] = whole, np.array([float(one is not None) for one in groups])
    return sums


def _macro_f1(weights: Floats, cases: Sequence[LabelledCase], answers: Sequence[str | None]) -> Floats:
    places = _clusters(cases)
    labels = sorted({case.wanted for case in cases}, key=str)
    total = np.zeros(len(weights))
    seen = np.zeros(len(weights))
    for label in labels:
        expected = np.array([case.wanted == label for case in cases])
        given = np.array([answer == label for answer in answers])
        wanted = weights @ _by(places, expected)
        both = wanted + weights @ _by(places, given)
        hits = weights @ _by(places, expected & given)
        total += np.divide(2 * hits, both, out=np.zeros_like(both), where=wanted > 0)
        seen += wanted > 0
    return np.asarray(total / np.maximum(seen, 1.0))


def _clusters(cases: Sequence[LabelledCase]) -> NDArray[np.int64]:
    """The number of the conversation of each case; a single question is one of its own."""
    numbers: dict[tuple[str, str], int] = {}
    return np.array(
        [
            numbers.setdefault((case.dataset, case.conversation or f"\0{place}"), len(numbers))
            for place, case in enumerate(cases)
        ]
    )


def _members(
    places: NDArray[np.int64], cases: Sequence[LabelledCase], answers: Sequence[str | None]
) -> list[tuple[list[LabelledCase], list[str | None]]]:
    members: list[tuple[list[LabelledCase], list[str | None]]] = [([], []) for _ in range(int(places.max()) + 1)]
    for place, case, answer in zip(places, cases, answers, strict=True):
        members[place][0].append(case)
        members[place][1].append(answer)
    return members


def _by(places: NDArray[np.int64], values: NDArray[np.bool_] | Floats) -> Floats:
    """The sum of the values of each cluster."""
    return np.bincount(places, weights=values).astype(np.float64)


def _draws(clusters: int) -> Floats:
    """How often each cluster is in each draw: (draws, clusters)."""
    chance = np.random.default_rng(SEED)
    drawn = chance.multinomial(clusters, np.full(clusters, 1.0 / clusters), size=DRAWS)
    return drawn.astype(np.float64)


def _quotient(weights: Floats, part: Floats, whole: Floats) -> Floats:
    """The figure of each draw that has something to count."""
    counted = weights @ whole
    return np.asarray((weights @ part)[counted > 0] / counted[counted > 0])


def _interval(values: Floats) -> Interval:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(values, (tail, 1 - tail)) if len(values) else (0.0, 1.0)
    return Interval(float(low), float(high))


def _p(better: int, worse: int) -> float:
    """Two-sided: the chance of a split at least this uneven where each side is equally likely."""
    count, fewer = better + worse, min(better, worse)
    if count > EXACT:
        gap: float = max(abs(better - worse) - 1, 0) / count**0.5
        return 1.0 - erf(gap / 2**0.5)
    return min(1.0, float(2 * sum([comb(count, k) for k in range(fewer + 1)]) / 2**count))
