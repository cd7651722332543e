"""``plano reload``: a running gateway takes its changed configuration, after it was tried."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from time import monotonic, sleep

import click

from plano.assembly import Decider
from plano.cli.running import Told, VerdictFile, running_pid
from plano.cli.settings import DEFAULT_FILE, fail, read
from plano.evaluate.rehearsal import failures

PATIENCE_S = 60.0
"""Its tests are tried, and its sources asked."""


@click.command("reload")
@click.argument("file", type=click.Path(path_type=Path), default=DEFAULT_FILE)
@click.option("--pid", type=click.IntRange(1), help="Process of the gateway; found by its listener's port otherwise.")
def command(file: Path, pid: int | None) -> None:
    """Check FILE (default plano.yaml), try its tests, and have the running gateway take it; say whether it did.

    Streams that are open finish under the old configuration. The gateway checks everything once more itself.
    """
    settings = read(file, dev=True, calls_models=False)
    if settings.tests:
        failed = tuple(failures(Decider.build(settings), settings.tests))
        if failed:
            fail("\n".join((f"{len(failed)} of {len(settings.tests)} tests fail; nothing was reloaded", *failed)))
    found = pid or running_pid(settings)
    if found is None:
        fail(f"no gateway was found for {file}: name its process with --pid")
    verdicts = VerdictFile(settings, found)
    before = verdicts.read()
    try:
        os.kill(found, signal.SIGHUP)
    except OSError as error:
        fail(f"process {found} cannot be reached: {error.strerror}")
    if before is None:
        click.echo(f"asked process {found} to reload {file}; its log and /readyz say whether it did", err=True)
        return
    told = _awaited(verdicts, before.number)
    if told is None:
        fail(f"process {found} has not said within {PATIENCE_S:g} s whether it took {file}: see its log")
    if told.refused is not None:
        fail(f"process {found} keeps its old configuration: {told.refused}")
    restart = f"; only a restart changes {', '.join(told.needs_restart)}" if told.needs_restart else ""
    click.echo(f"process {found} took {file}{restart}", err=True)


def _awaited(verdicts: VerdictFile, number: int) -> Told | None:
    """The verdict after the one of that number, None when it does not come."""
    until = monotonic() + PATIENCE_S
    while monotonic() < until:
        told = verdicts.read()
        if told is not None and told.number > number:
            return told
        sleep(0.05)
    return None
