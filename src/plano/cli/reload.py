"""``plano reload``: a running gateway takes its changed configuration, after it was tried."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from time import monotonic, sleep

import click
import msgspec

from plano.assembly import Decider
from plano.cli.running import Told, VerdictFile, running_pid, signalled
from plano.cli.settings import DEFAULT_FILE, print_json, read
from plano.config.settings import Settings
from plano.evaluate.rehearsal import failures

PATIENCE_S = 60.0
"""Its tests are tried, and its sources asked."""


class Reloaded(msgspec.Struct, frozen=True):
    """What became of it. ``pid``: of the gateway, None when there is none.

    ``is_taken``: None when the gateway does not say; ``refused``: why it was not. ``failed_tests``: of the file, before
    anybody was asked. ``needs_restart``: keys that count only after a restart.
    """

    file: str
    pid: int | None = None
    is_taken: bool | None = False
    refused: str | None = None
    failed_tests: tuple[str, ...] = ()
    needs_restart: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.is_taken is None:
            return f"asked process {self.pid} to reload {self.file}; its log and /readyz say whether it did"
        if self.is_taken:
            restart = f"; only a restart changes {', '.join(self.needs_restart)}" if self.needs_restart else ""
            return f"process {self.pid} took {self.file}{restart}"
        return "\n".join((str(self.refused), *self.failed_tests))


@click.command("reload")
@click.argument("file", type=click.Path(path_type=Path), default=DEFAULT_FILE)
@click.option("--pid", type=click.IntRange(1), help="Process of the gateway; found by its listener's port otherwise.")
@click.option("--json", "as_json", is_flag=True, help="What became of it, as JSON on stdout.")
def command(file: Path, pid: int | None, as_json: bool) -> None:
    """Check FILE (default plano.yaml), try its tests, and have the running gateway take it; say whether it did.

    Streams that are open finish under the old configuration. The gateway checks everything once more itself.
    """
    settings = read(file, dev=True, calls_models=False)
    became = _tried(settings, str(file)) or _asked(settings, str(file), pid or running_pid(settings))
    if as_json:
        print_json(became)
    click.echo(str(became), err=True)
    sys.exit(became.is_taken is False)


def _tried(settings: Settings, file: str) -> Reloaded | None:
    """Why nobody need be asked: the file's own tests fail; None when they do not."""
    failed = tuple(failures(Decider.build(settings), settings.tests)) if settings.tests else ()
    if not failed:
        return None
    said = f"{len(failed)} of {len(settings.tests)} tests fail; nothing was reloaded"
    return Reloaded(file, refused=said, failed_tests=failed)


def _asked(settings: Settings, file: str, pid: int | None) -> Reloaded:
    """What the process ``pid`` makes of the file."""
    verdicts = None if pid is None else VerdictFile(settings, pid)
    before = None if verdicts is None else verdicts.read()
    refused = signalled(file, pid, signal.SIGHUP)
    if refused is not None or verdicts is None:
        return Reloaded(file, pid, refused=refused)
    if before is None:
        return Reloaded(file, pid, is_taken=None)
    told = _awaited(verdicts, before.number)
    if told is None:
        said = f"process {pid} has not said within {PATIENCE_S:g} s whether it took {file}: see its log"
        return Reloaded(file, pid, refused=said)
    if told.refused is not None:
        return Reloaded(file, pid, refused=f"process {pid} keeps its old configuration: {told.refused}")
    return Reloaded(file, pid, is_taken=True, needs_restart=told.needs_restart)


def _awaited(verdicts: VerdictFile, number: int) -> Told | None:
    """The verdict after the one of that number, None when it does not come."""
    until = monotonic() + PATIENCE_S
    while monotonic() < until:
        told = verdicts.read()
        if told is not None and told.number > number:
            return told
        sleep(0.05)
    return None
