"""A report as text for people and as a document for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from plano.evaluate.confusion import Confusion, shown
from plano.evaluate.metrics import Metrics
from plano.evaluate.resample import Difference, Interval
from plano.evaluate.run import Report, SetResult
from plano.evaluate.study import Study

_COLUMNS = ("cases", "all", "routed", "none-p", "none-r", "macro-f1", "span", "conv")
_SET_WIDTH, _WHO_WIDTH, _WIDTH = 24, 14, 9
_FIGURES = {
    "accuracy": "all right",
    "routed_accuracy": "of those with a route",
    "none_precision": "none: precision",
    "none_recall": "none: recall",
    "macro_f1": "macro-F1",
    "span_accuracy": "spans",
    "conversation_accuracy": "conversations",
}
"""Name of a figure → how it is called."""

MOST_COLUMNS = 12
"""Answers up to which the confusion is shown as a whole table."""

MOST_MISTAKES = 10
LIKELY = 0.05
"""A p-value from which a difference may well be chance."""


def text(report: Report) -> str:
    """A table: one row per set and classifier, shares in percent, ``-`` where nothing can be counted."""
    head = f"{'set':{_SET_WIDTH}}{'classifier':{_WHO_WIDTH}}" + "".join(f"{name:>{_WIDTH}}" for name in _COLUMNS)
    results = report.sets if len(report.sets) == 1 else (*report.sets, report.overall)
    rows = [_row(result.name, who, metrics) for result in results for who, metrics in result.metrics]
    return "\n".join((head, *rows)) + "\n"


def details(result: SetResult, study: Study) -> Iterator[str]:
    """What stands behind the router's row: intervals, threshold, probabilities, what is taken for what."""
    yield f"{'router':24}{'percent':>9}   95 % of such samples"
    groups = result.router.groups
    figures = {**asdict(result.router), **({} if groups is None else asdict(groups))}
    for name, called in _FIGURES.items():
        if name in study.intervals:
            yield f"  {called:22}{100 * figures[name]:>9.1f}   {_percent(study.intervals[name])}"
    if study.calibration_error is not None:
        parted = "" if study.separation is None else f", AUROC with a route against none {study.separation:.3f}"
        yield f"  calibration error {100 * study.calibration_error:.1f} %{parted}"
    if study.suggestion is not None:
        found = study.suggestion
        yield f"  threshold {found.now:.3f}: {100 * found.now_accuracy:.1f} % right with it"
        yield (
            f"  suggested {found.value:.3f}: {100 * found.accuracy:.1f} % right here, "
            f"{100 * found.held_out:.1f} % where it was chosen on other cases"
        )
    if study.tenths:
        yield f"{'probability':24}{'cases':>9}{'claimed':>10}{'right':>9}"
        for one in study.tenths:
            place = f"{one.low:.1f} to {one.low + 0.1:.1f}"
            yield f"  {place:22}{one.cases:>9}{100 * one.chance:>10.1f}{100 * one.right:>9.1f}"
    yield from _taken_for(study.confusion)


def compared(found: Difference, first: str, second: str) -> Iterator[str]:
    """What changes from the first configuration to the second, and whether that may be chance."""
    verdict = "this may be chance" if found.p_value >= LIKELY else "this is hardly chance"
    yield f"{second} against {first}: {100 * found.gain:+.1f} points ({_percent(found.interval, sign='+')})"
    yield f"  {found.better} better, {found.worse} worse, p = {found.p_value:.3g} (McNemar): {verdict}"


def document(report: Report, study: Study | None = None, against: Difference | None = None) -> dict[str, object]:
    """The same as plain values that JSON can hold, with every wrong answer."""
    found: dict[str, object] = {
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
    if study is not None:
        found["study"] = asdict(study)
    if against is not None:
        found["against"] = asdict(against)
    return found


def _taken_for(matrix: Confusion) -> Iterator[str]:
    mistakes = matrix.mistakes[:MOST_MISTAKES]
    if mistakes:
        yield f"{'wanted':34}{'got':34}{'cases':>7}"
        for wanted, given, count in mistakes:
            yield f"  {_cell(wanted, 32)}{_cell(given, 34)}{count:>7}"
    if len(matrix.labels) <= MOST_COLUMNS:
        yield f"{'wanted (rows), got (columns)':34}" + "".join(f"{place + 1:>6}" for place in range(len(matrix.labels)))
        for place, (label, counts) in enumerate(zip(matrix.labels, matrix.counts, strict=True), 1):
            yield f"  {place:>2} {_cell(label, 29)}" + "".join(f"{count or '.':>6}" for count in counts)


def _cell(label: str | None, width: int) -> str:
    said = shown(label)
    return f"{said if len(said) < width else said[: width - 2] + '…':{width}}"


def _percent(interval: Interval, sign: str = "") -> str:
    return f"{100 * interval.low:{sign}.1f} to {100 * interval.high:{sign}.1f}"


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
