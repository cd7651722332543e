"""``plano lint``: routes that overlap, never win or take too much, with the prompts that show it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from plano.cli import progress
from plano.cli.settings import fail, print_json, read_or_invent
from plano.domain.route import Route
from plano.evaluate.cases import CasesError, LabelledCase, read
from plano.evaluate.lint import Finding, Shown, lint
from plano.evaluate.probes import heard, probes
from plano.intent.embedded import EmbeddedClassifier

LONGEST_PROMPT = 58


@click.command("lint")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--cases",
    "paths",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help='Prompts to try as well: lines such as {"prompt": "...", "route": "..."}.',
)
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON on stdout.")
def command(file: Path | None, paths: tuple[Path, ...], as_json: bool) -> None:
    """Find routes of FILE (default plano.yaml) that overlap, never win or take too much.

    The built-in router is asked with the words of their descriptions, their examples, the tests of the configuration
    and the prompts of --cases. No model is called. The exit code is 1 when there is a warning; notes do not count.
    """
    settings = read_or_invent(file)
    routes = settings.routes.routes
    if not routes:
        fail("there are no routes: the configuration has no 'routing_preferences'")
    prompts = probes(routes, settings.tests, _read(paths, routes))
    found = lint(routes, heard(EmbeddedClassifier.load(), routes, prompts, asking=progress.shown))
    if as_json:
        print_json({"routes": len(routes), "prompts": len(prompts), "findings": found})
    else:
        for finding in found:
            for line in _lines(finding):
                click.echo(line)
        click.echo(f"{len(routes)} routes, {len(prompts)} prompts: {_count(found)}", err=True)
    sys.exit(1 if any(finding.level == "warning" for finding in found) else 0)


def _read(paths: tuple[Path, ...], routes: tuple[Route, ...]) -> tuple[LabelledCase, ...]:
    try:
        return tuple(case for path in paths for case in read(path, routes=routes))
    except CasesError as error:
        fail(error.message)


def _lines(finding: Finding) -> Iterator[str]:
    names = " and ".join(f"'{name}'" for name in finding.routes[: 2 if finding.kind == "overlap" else 1])
    yield f"{finding.level}: {names} {finding.said}"
    for one in finding.prompts:
        yield f"  {_prompt(one)}"
    yield f"  help: {finding.remedy}"
    yield ""


def _prompt(one: Shown) -> str:
    text = " ".join(one.probe.text.split())
    said = text if len(text) <= LONGEST_PROMPT else text[: LONGEST_PROMPT - 1] + "…"
    scores = ", ".join(f"{name} {score:.2f}" for name, score in one.scores)
    return f"{said!r:{LONGEST_PROMPT + 2}}  {scores}  [{one.probe.source}]"


def _count(found: tuple[Finding, ...]) -> str:
    warnings = sum(finding.level == "warning" for finding in found)
    return f"{warnings} warnings, {len(found) - warnings} notes" if found else "nothing to say"
