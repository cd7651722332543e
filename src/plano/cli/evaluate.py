"""``plano eval``: how often the router is right."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from plano.cli.settings import fail, print_json, read_or_invent
from plano.evaluate import report as shown
from plano.evaluate.cases import CasesError, LabelledCase, read
from plano.evaluate.run import evaluate
from plano.intent.embedded import EmbeddedClassifier

SHOWN_MISTAKES = 10


@click.command("eval")
@click.argument("cases", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--config", "-c", "file", type=click.Path(path_type=Path), help="Where the routes come from, for bare prompts."
)
@click.option("--split", help="Only the cases of this split.")
@click.option("--target", default=1.0, show_default=True, help="Accuracy (0..1) below which the exit code is 1.")
@click.option("--json", "as_json", is_flag=True, help="Figures and every mistake as JSON on stdout.")
def command(cases: tuple[Path, ...], file: Path | None, split: str | None, target: float, as_json: bool) -> None:
    """Measure the router on labelled CASES.

    CASES is a folder with routes.json and cases.jsonl, or a file of lines such as {"prompt": "...", "route": "..."},
    which are asked with the routes of the configuration. "No route" (null) is an answer like any other.
    """
    report = evaluate(EmbeddedClassifier.load(), _read(cases, file, split))
    accuracy = report.overall.router.accuracy
    if as_json:
        print_json(shown.document(report))
    else:
        click.echo(shown.text(report), nl=False)
        for answer in report.mistakes[:SHOWN_MISTAKES]:
            click.echo(f"  wrong: {answer.case.id}: wanted {answer.case.wanted}, got {answer.intent.route}", err=True)
    if accuracy < target:
        click.echo(f"accuracy {accuracy:.4f} is below the target {target:g}", err=True)
        sys.exit(1)


def _read(paths: tuple[Path, ...], file: Path | None, split: str | None) -> tuple[LabelledCase, ...]:
    routes = () if all(path.is_dir() for path in paths) else read_or_invent(file).routes.routes
    try:
        return tuple(case for path in paths for case in read(path, routes=routes, split=split))
    except CasesError as error:
        fail(error.message)
