"""``plano eval``: how often the router is right, how sure that is, and whether another configuration does better."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import click

from plano.cli import progress
from plano.cli.settings import fail, print_json, read_or_invent
from plano.clock import SystemClock
from plano.config.settings import Settings
from plano.evaluate import report as shown
from plano.evaluate.cases import CasesError, LabelledCase, read
from plano.evaluate.pictures import confusion_svg, reliability_svg
from plano.evaluate.resample import Difference, difference
from plano.evaluate.run import Report, evaluate
from plano.evaluate.study import study
from plano.ports import Classifier
from plano.routing.routers import Routers

SHOWN_MISTAKES = 10


class _Asked(TypedDict):
    """The options of the command, as they were given."""

    file: Path | None
    other: Path | None
    split: str | None
    target: float | None
    pictures: Path | None
    as_json: bool


@click.command("eval")
@click.argument("cases", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--config", "-c", "file", type=click.Path(path_type=Path), help="Router and routes; default plano.yaml.")
@click.option("--against", "other", type=click.Path(path_type=Path), help="A second configuration, on the same cases.")
@click.option("--split", help="Only the cases of this split.")
@click.option("--target", type=click.FloatRange(0, 1), help="Accuracy (0..1) below which the exit code is 1.")
@click.option("--pictures", type=click.Path(path_type=Path, file_okay=False), help="Folder for pictures (SVG).")
@click.option("--json", "as_json", is_flag=True, help="Figures and every mistake as JSON on stdout.")
def command(cases: tuple[Path, ...], **asked: Unpack[_Asked]) -> None:
    """Measure the router on labelled CASES.

    CASES is a folder with routes.json and cases.jsonl, or a file of lines such as {"prompt": "...", "route": "..."},
    which are asked with the routes of the configuration. "No route" (null) is an answer like any other.
    """
    report, embedded = _evaluated(cases, asked["file"], asked["split"], None)
    found, against = study(report.answers), None
    if asked["other"] is not None:
        second, _ = _evaluated(cases, asked["other"], asked["split"], embedded)
        against = _compared(report, second)
    accuracy = report.overall.router.accuracy
    if asked["pictures"] is not None:
        _draw(report, asked["pictures"])
    if asked["as_json"]:
        print_json(shown.document(report, found, against))
    else:
        click.echo(shown.text(report))
        for line in shown.details(report.overall, found):
            click.echo(line)
        if against is not None:
            click.echo()
            for line in shown.compared(against, str(asked["file"] or "the default"), str(asked["other"])):
                click.echo(line)
        for answer in report.mistakes[:SHOWN_MISTAKES]:
            click.echo(f"  wrong: {answer.case.id}: wanted {answer.case.wanted}, got {answer.intent.route}", err=True)
    if asked["target"] is not None and accuracy < asked["target"]:
        click.echo(f"accuracy {accuracy:.4f} is below the target {asked['target']:g}", err=True)
        sys.exit(1)


def _evaluated(
    paths: tuple[Path, ...], file: Path | None, split: str | None, embedded: Classifier | None
) -> tuple[Report, Classifier | None]:
    """The report of the routers of ``file``, and the embedded one of them. ``embedded``: it, when it is loaded."""
    settings = read_or_invent(file)
    cases = _read(paths, settings, split)
    routers = Routers.build(settings, SystemClock(), embedded=embedded)
    router = routers.blocking(ca_file=settings.overrides.ca_path)
    return evaluate(router, cases, asking=progress.shown), routers.embedded


def _read(paths: Sequence[Path], settings: Settings, split: str | None) -> tuple[LabelledCase, ...]:
    try:
        return tuple(case for path in paths for case in read(path, routes=settings.routes.routes, split=split))
    except CasesError as error:
        fail(error.message)


def _compared(first: Report, second: Report) -> Difference:
    right = [[answer.is_right for answer in report.answers] for report in (first, second)]
    return difference([answer.case for answer in first.answers], *right)


def _draw(report: Report, folder: Path) -> None:
    """Two pictures for each set."""
    folder.mkdir(parents=True, exist_ok=True)
    for result in report.sets:
        found = study([answer for answer in report.answers if answer.case.dataset == result.name])
        name = re.sub(r"[^\w.-]+", "_", result.name)
        pictures = {
            "confusion": confusion_svg(found.confusion, f"{result.name}: what is taken for what"),
            "reliability": reliability_svg(
                found.tenths, f"{result.name}: what a probability is worth", found.calibration_error
            ),
        }
        for kind, picture in pictures.items():
            path = folder / f"{kind}-{name}.svg"
            path.write_text(picture, encoding="utf-8")
            click.echo(f"wrote {path}", err=True)
