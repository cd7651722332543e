"""A report as text for people and as a document for programs."""

from __future__ import annotations

from dataclasses import asdict

from plano.evaluate.metrics import Metrics
from plano.evaluate.run import Report, SetResult

_COLUMNS = ("cases", "all", "routed", "none-p", "none-r", "macro-f1", "span", "conv")
_SET_WIDTH, _WHO_WIDTH, _WIDTH = 24, 14, 9


def text(report: Report) -> str:
    """A table: one row per set and classifier, shares in percent, ``-`` where nothing can be counted."""
    head = f"{'set':{_SET_WIDTH}}{'classifier':{_WHO_WIDTH}}" + "".join(f"{name:>{_WIDTH}}" for name in _COLUMNS)
    results = report.sets if len(report.sets) == 1 else (*report.sets, report.overall)
    rows = [_row(result.name, who, metrics) for result in results for who, metrics in result.metrics]
    return "\n".join((head, *rows)) + "\n"


def document(report: Report) -> dict[str, object]:
    """The same as plain values that JSON can hold, with every wrong answer."""
    return {
        "sets": {result.name: _metrics(result) for result in report.sets},
        "overall": _metrics(report.overall),
        "mistakes": [
            {
                "id": answer.case.id,
                "set": answer.case.dataset,
                "wanted": answer.case.wanted,
                "got": answer.intent.route,
                "scores": {name: round(score, 4) for name, score in answer.intent.scores},
            }
            for answer in report.mistakes
        ],
    }


def _metrics(result: SetResult) -> dict[str, object]:
    return {who: asdict(metrics) for who, metrics in result.metrics}


def _row(name: str, who: str, metrics: Metrics) -> str:
    groups = metrics.groups
    shares = (
        metrics.accuracy,
        metrics.routed_accuracy,
        metrics.none_precision,
        metrics.none_recall,
        metrics.macro_f1,
        None if groups is None else groups.span_accuracy,
        None if groups is None else groups.conversation_accuracy,
    )
    figures = "".join(f"{'-' if share is None else f'{100 * share:.1f}':>{_WIDTH}}" for share in shares)
    return f"{name[: _SET_WIDTH - 1]:{_SET_WIDTH}}{who:{_WHO_WIDTH}}{metrics.cases:>{_WIDTH}}{figures}"
