"""What the probabilities of a classifier are worth: do they part what has a route from what has none, and are they met?

All functions take shares 0..1 and give shares 0..1.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

BINS = 10


def separation(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """The area under the ROC curve: how often one from ``inside`` has a higher number than one from ``outside``.

    A tie counts half. None when either is empty.
    """
    if not inside or not outside:
        return None
    ranked = sorted(outside)
    wins = sum(bisect_left(ranked, value) + bisect_right(ranked, value) for value in inside)
    return wins / (2 * len(inside) * len(outside))


def calibration_error(chances: Sequence[float], right: Sequence[bool]) -> float | None:
    """The expected calibration error over ten bins of equal width (Guo et al. 2017, arXiv 1706.04599).

    None when there is nothing to count.
    """
    return sum(map(abs, calibration_gaps(chances, right))) if chances else None


def calibration_gaps(chances: Sequence[float], right: Sequence[bool]) -> tuple[float, ...]:
    """By how much chances promise too much (> 0) or too little in each of ten bins, times its share of the cases."""
    gaps = [0.0] * BINS
    for chance, good in zip(chances, right, strict=True):
        gaps[min(int(chance * BINS), BINS - 1)] += chance - good
    return tuple(gap / len(chances) for gap in gaps)


@dataclass(frozen=True, slots=True)
class Bin:
    """The cases whose chance lies in one tenth, ``low`` <= chance < ``low`` + 0.1; the last one holds 1 as well.

    ``chance``: their mean; ``right``: the share of them that are right.
    """

    low: float
    cases: int
    chance: float
    right: float


def bins(chances: Sequence[float], right: Sequence[bool]) -> tuple[Bin, ...]:
    """The tenths that hold a case, lowest first: what a reliability diagram draws."""
    found: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for chance, good in zip(chances, right, strict=True):
        found[min(int(chance * BINS), BINS - 1)].append((chance, good))
    return tuple(
        Bin(
            place / BINS,
            len(members),
            sum([chance for chance, _ in members]) / len(members),
            sum([good for _, good in members]) / len(members),
        )
        for place, members in enumerate(found)
        if members
    )


def recall_at(chances: Sequence[float], outside: Sequence[bool], *, precision: float) -> float | None:
    """The largest share of the cases ``outside`` that one threshold refuses while so many of its refusals are right.

    ``chances``: below the threshold is refused; equal ones are refused together. None when none is outside.
    """
    wanted = sum(outside)
    if not wanted:
        return None
    ranked = sorted(zip(chances, outside, strict=True))
    best = found = 0
    for count, (chance, is_outside) in enumerate(ranked, start=1):
        found += is_outside
        ends_here = count == len(ranked) or ranked[count][0] != chance
        if ends_here and found >= precision * count:
            best = found
    return best / wanted
