"""``plano reload``: a running gateway takes its changed configuration, after it was tried."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import click

from plano.assembly import Decider
from plano.cli.running import running_pid
from plano.cli.settings import DEFAULT_FILE, fail, read
from plano.evaluate.rehearsal import failures


@click.command("reload")
@click.argument("file", type=click.Path(path_type=Path), default=DEFAULT_FILE)
@click.option("--pid", type=click.IntRange(1), help="Process of the gateway; found by its listener's port otherwise.")
def command(file: Path, pid: int | None) -> None:
    """Check FILE (default plano.yaml), try its tests, and have the running gateway take it.

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
    try:
        os.kill(found, signal.SIGHUP)
    except OSError as error:
        fail(f"process {found} cannot be reached: {error.strerror}")
    click.echo(f"asked process {found} to reload {file}; /readyz says so if it refuses", err=True)
