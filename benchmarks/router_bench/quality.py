"""How good are the answers: a table with a row for each set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from plano.domain.intent import Intent
from plano.evaluate.confidence import calibration_gaps, recall_at, separation
from plano.evaluate.metrics import measure
from plano.evaluate.run import Answer

COLUMNS = ("all", "routed", "top1", "none_p", "none_r", "r@p90", "auroc", "ece", "span", "conv")
PRECISION = 0.9


@dataclass(frozen=True, slots=True)
class Quality:
    """Percentages by the name of their column; None where nothing can be counted.

    ``top1``: of the cases with a route, those whose best score is the right one's. ``r@p90``: recall of none at the
    threshold where its precision is 90 %. ``auroc``, ``ece``: of the best score, as chance that its route is right.
    ``gaps``: what ``ece`` is made of, by tenth.
    """

    cases: int
    shares: tuple[tuple[str, float | None], ...]
    gaps: tuple[float, ...]


def quality(answers: Sequence[Answer]) -> Quality:
    """The figures of one set."""
    cases = [answer.case for answer in answers]
    metrics = measure(cases, [answer.intent.route for answer in answers])
    chances = [max((score for _, score in answer.intent.scores), default=0.0) for answer in answers]
    best = [_best(answer.intent) == answer.case.wanted for answer in answers]
    outside = [case.wanted is None for case in cases]
    groups = metrics.groups
    gaps = calibration_gaps(chances, best)
    shares = (
        metrics.accuracy,
        metrics.routed_accuracy,
        _share([good for good, none in zip(best, outside, strict=True) if not none]),
        metrics.none_precision if None in [answer.intent.route for answer in answers] else None,
        metrics.none_recall if any(outside) else None,
        recall_at(chances, outside, precision=PRECISION),
        separation(
            [chance for chance, none in zip(chances, outside, strict=True) if not none],
            [chance for chance, none in zip(chances, outside, strict=True) if none],
        ),
        sum(map(abs, gaps)),
        groups.span_accuracy if groups else None,
        groups.conversation_accuracy if groups else None,
    )
    rows = zip(COLUMNS, shares, strict=True)
    return Quality(len(cases), tuple((name, None if share is None else 100 * share) for name, share in rows), gaps)


def mean(sets: Sequence[Quality]) -> Quality:
    """Each column averaged over the sets that have it, every set counting once."""
    columns = []
    for place, name in enumerate(COLUMNS):
        known = [share for each in sets if (share := each.shares[place][1]) is not None]
        columns.append((name, sum(known) / len(known) if known else None))
    gaps = tuple(sum(gap) / len(sets) for gap in zip(*(each.gaps for each in sets), strict=True))
    return Quality(sum(each.cases for each in sets), tuple(columns), gaps)


def pooled(found: Quality) -> str:
    """The calibration error of all cases behind a mean together: what one set promises too much another may not."""
    return f"calibration error of all sets together, each counting alike: {100 * sum(map(abs, found.gaps)):.1f}"


def heading() -> str:
    """The first line of the table."""
    return f"{'set':26}{'cases':>7}" + "".join(f"{name:>8}" for name in COLUMNS)


def row(name: str, found: Quality) -> str:
    """One line of the table."""
    shares = "".join(f"{'-' if share is None else f'{share:.1f}':>8}" for _, share in found.shares)
    return f"{name[:25]:26}{found.cases:>7}{shares}"


def document(found: Quality) -> dict[str, object]:
    """The same as plain values."""
    return {**asdict(found), "shares": dict(found.shares)}


def _best(intent: Intent) -> str | None:
    return max(intent.scores, key=lambda score: score[1])[0] if intent.scores else None


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None
