"""``plano unhold``: models may be asked again at once, whatever their providers said."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from plano.cli.running import running_pid, signalled
from plano.cli.settings import DEFAULT_FILE, fail, print_json, read


@click.command("unhold")
@click.argument("file", type=click.Path(path_type=Path), default=DEFAULT_FILE)
@click.option("--pid", type=click.IntRange(1), help="Process of the gateway; found by its listener's port otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Who was told, as JSON on stdout.")
def command(file: Path, pid: int | None, as_json: bool) -> None:
    """Have the gateway that runs under FILE (default plano.yaml) forget how long providers want to be left alone.

    A provider that named a time gets no attempt before, be it a month. After a payment, or a talk with the provider,
    nothing else but a restart ends that sooner. Where the provider meant it, the next answer says so again.
    """
    pid = pid or running_pid(read(file, dev=True, calls_models=False))
    refused = signalled(file, pid, signal.SIGUSR1)
    if refused is not None:
        fail(refused)
    if as_json:
        print_json({"file": str(file), "pid": pid})
    click.echo(f"asked process {pid}; its log says 'holds_cleared', and which models were held", err=True)
