"""What a router fitted without a set makes of that set, beside a plain comparison of sentence vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from calibrate import Plain, Rows, fitted

from plano.evaluate.cases import LabelledCase
from plano.evaluate.metrics import Metrics, measure

FAMILIES = {"clinc150-intent": "clinc150", "clinc150-domain": "clinc150", "sgd-domain": "sgd", "sgd-intent": "sgd"}
_HEAD = (
    "set, left out of the fit",
    "router",
    "n",
    "all",
    "(best)",
    "routed",
    "none-p",
    "none-r",
    "auroc",
    "span",
    "conv",
)


def report(
    sets: Mapping[str, Sequence[LabelledCase]],
    rows: Mapping[str, Rows],
    fit: Mapping[str, Rows],
    baseline: Mapping[str, Plain],
) -> str:
    """A table with two rows a set: the router and plain cosine, both with what was fitted on the other sources.

    ``(best)``: the accuracy with the threshold that would have been best for the set.
    """
    lines = [_line(*_HEAD)]
    for name, cases in sets.items():
        hidden = frozenset(rows[name].requests)
        family = FAMILIES.get(name, name)
        calibration = fitted(
            {source: part.without(hidden) for source, part in fit.items() if FAMILIES.get(source, source) != family}
        )
        chance = np.array([calibration.probability(features) for features in rows[name].features])
        lines.append(_figures(name, "plano", cases, rows[name].answers, chance, calibration.threshold))
        others = [other for other in sets if FAMILIES.get(other, other) != family]
        limit = _common_limit([(sets[other], baseline[other]) for other in others])
        lines.append(_figures(name, "cosine", cases, baseline[name].answers, baseline[name].cosines, limit))
    return "\n".join(lines) + "\n"


def _common_limit(sources: Sequence[tuple[Sequence[LabelledCase], Plain]]) -> float:
    """The one threshold with the best mean accuracy over these sources."""
    limits = np.linspace(0, 0.8, 161)
    means = [
        np.mean([_decided(cases, part.answers, part.cosines >= limit).accuracy for cases, part in sources])
        for limit in limits
    ]
    return float(limits[int(np.argmax(means))])


def _decided(cases: Sequence[LabelledCase], answers: Sequence[str], taken: np.ndarray) -> Metrics:
    return measure(cases, [answer if take else None for answer, take in zip(answers, taken, strict=True)])


def _figures(
    name: str, who: str, cases: Sequence[LabelledCase], answers: Sequence[str], scores: np.ndarray, limit: float
) -> str:
    metrics = _decided(cases, answers, scores >= limit)
    best = max(
        _decided(cases, answers, scores >= tried).accuracy for tried in np.quantile(scores, np.linspace(0, 1, 51))
    )
    routed = np.array([case.wanted is not None for case in cases])
    shares = [metrics.accuracy, best, metrics.routed_accuracy, metrics.none_precision, metrics.none_recall]
    shares.append(_auroc(scores[routed], scores[~routed]))
    groups = metrics.groups
    shares += [] if groups is None else [groups.span_accuracy, groups.conversation_accuracy]
    return _line(name, who, len(cases), *(f"{100 * share:.1f}" for share in shares))


def _auroc(inside: np.ndarray, outside: np.ndarray) -> float:
    """The chance that a request with a route scores above one without (ties count half)."""
    above = (inside[:, None] > outside[None, :]).mean() + 0.5 * (inside[:, None] == outside[None, :]).mean()
    return float(above)


def _line(name: object, who: object, *figures: object) -> str:
    return f"{name!s:26}{who!s:8}" + "".join(f"{figure!s:>8}" for figure in figures)
