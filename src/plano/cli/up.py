"""``plano up``: the gateway."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import click
import uvloop

from plano.cli import talk
from plano.cli.banner import Ready, Started, mocked
from plano.cli.listening import as_address, trouble
from plano.cli.running import VerdictFile, known_by_pid
from plano.cli.settings import DEFAULT_FILE, demo, fail, read
from plano.cli.workers import Shared, Supervisor, apart, listening_sockets, settings_of
from plano.config.later import without_effect
from plano.config.load import from_environment, load
from plano.config.settings import Bounds, Settings
from plano.config.urls import is_loopback
from plano.domain.model import Endpoint, Origin
from plano.errors import ConfigError
from plano.mock.behaviour import Pace
from plano.mock.provider import MockProvider
from plano.observe import gathering
from plano.observe.log import Log
from plano.providers import SUFFIXES
from plano.server.app import App
from plano.server.capacity import room_for
from plano.server.process import settle_interpreter
from plano.server.reloading import Reloader, Verdict

MOCK_PACE = Pace(latency_s=0.02, tokens_per_s=200.0)


@click.command("up")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--dev", is_flag=True, help="Serve every model whose key is not set from mock models.")
@click.option("--host", callback=as_address, help="Address to listen on, instead of the configured one.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on, instead of the configured one.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes that serve.")
@click.option("--quiet", "-q", is_flag=True, help="No line per request.")
@click.option("--json", "as_json", is_flag=True, help="What is served and where, as one line of JSON on stdout.")
def command(
    file: Path | None, dev: bool, host: str | None, port: int | None, workers: int, quiet: bool, as_json: bool
) -> None:
    """Start the gateway with FILE (default plano.yaml).

    Without a file it serves the providers whose keys are in the environment; without keys, mock models, offline. What
    it says on stderr is for people on a terminal, and JSON, one document a line, elsewhere.
    """
    began = time.monotonic()
    settings = _listening(_settings(file, dev=dev), host, port)
    _refuse_exposure(settings)
    for name in without_effect(settings):
        talk.note(f"note: no effect in this version: {name}")
    _make_room(settings.bounds)
    path = file or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)

    def read_again() -> Settings:
        return settings if path is None else _listening(load(path, os.environ, dev=dev), host, port)

    def serve(worker: int = 0, shared: Shared | None = None) -> None:
        log = Log(None if quiet else _log_stream())
        own = _Process(worker, workers, shared, path, log, began, as_json)
        uvloop.run(_serve(settings_of(settings, worker), own, lambda: settings_of(read_again(), worker)))
        talk.finish()

    try:
        if workers == 1:
            serve()
            return
        talk.note(apart(settings, workers))
        with known_by_pid(settings):
            sockets, others = listening_sockets(settings.listeners), gathering.pair()
            sys.exit(Supervisor(workers, lambda worker, gone: serve(worker, Shared(sockets, others, gone))).run())
    except OSError as error:
        where = ", ".join(f"{one.address}:{one.port}" for one in settings.listeners)
        fail(f"cannot listen on {where}: {trouble(error)}")


def _settings(file: Path | None, *, dev: bool) -> Settings:
    if file is not None or DEFAULT_FILE.exists():
        return read(file, dev=dev, warn=talk.warn)
    found = None if dev else from_environment(os.environ)
    if found is not None:
        talk.note(f"no file: serving {', '.join(f'{name}/*' for name in found.models.wildcards)} by your keys")
        return found
    talk.note("no file and no keys: serving mock models, offline")
    return demo()


def _listening(settings: Settings, host: str | None, port: int | None) -> Settings:
    first, *others = settings.listeners
    changed = replace(first, address=host or first.address, port=first.port if port is None else port)
    return replace(settings, listeners=(changed, *others))


def _refuse_exposure(settings: Settings) -> None:
    """Ends the process where ``--host`` would open the gateway to everybody; what the file says was checked before."""
    first = settings.listeners[0]
    if not (is_loopback(first.address) or settings.callers or first.open):
        fail(
            f"anyone could use the gateway at {first.address}: give callers keys ('callers') or say 'open: true' there"
        )


def _make_room(bounds: Bounds) -> None:
    """Takes the descriptors that are needed; says where the system allows too few for what somebody counts on."""
    room = room_for(bounds.connections)
    if room < bounds.requests or (room < bounds.connections and bounds != Bounds()):
        talk.note(
            f"note: {room} connections of callers at most, limits.connections is {bounds.connections}: the system "
            f"allows too few open files, and each request may need two (`ulimit -Hn`, LimitNOFILE)"
        )


@dataclass(frozen=True, slots=True)
class _Process:
    """One of ``workers`` processes that serve. ``shared``: with the others, None where it is alone.

    ``began``: monotonic seconds of the command. ``as_json``: what is served and where goes to stdout, for a program.
    """

    worker: int
    workers: int
    shared: Shared | None
    path: Path | None
    log: Log
    began: float
    as_json: bool

    @property
    def is_alone(self) -> bool:
        return self.shared is None


async def _serve(settings: Settings, own: _Process, read_again: Callable[[], Settings]) -> None:
    mock = await _mock(settings, says=own.worker == 0)
    settings = _with_mock(settings, mock)
    app = App(settings, log=own.log)
    await app.start(() if own.shared is None else own.shared.sockets)
    if own.shared is not None:
        app.stand_beside(own.shared.others, own.worker)
    settle_interpreter()
    stop, orphaned = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM) if own.is_alone else (signal.SIGTERM,):
        loop.add_signal_handler(number, _ask_to_stop, stop, app)
    if own.shared is not None:
        loop.add_reader(own.shared.gone, _leave, own.shared.gone, stop, orphaned)
    # Whoever asks for a reload knows one process: the supervisor where there are several, and its first worker answers.
    told = VerdictFile(settings, os.getpid() if own.is_alone else os.getppid())

    def report(verdict: Verdict) -> None:
        if own.worker == 0:
            told.write(verdict.refused, verdict.needs_restart)

    reloader = Reloader(app, lambda: _with_mock(read_again(), mock), log=own.log, path=own.path, report=report)
    reloads = _Reloads(reloader)
    loop.add_signal_handler(signal.SIGHUP, reloads.ask)
    loop.add_signal_handler(signal.SIGUSR1, app.promises.clear)
    with told.opened() if own.worker == 0 else nullcontext(), known_by_pid(settings) if own.is_alone else nullcontext():
        # Whoever reads it may signal at once.
        if own.worker == 0:
            _say_ready(settings, app, own)
        await stop.wait()
        reloads.stop()
        await app.stop(leaves_address=orphaned.is_set())
    if mock is not None:
        mock.stop()


class _Reloads:
    """Reloads when they are asked for, and when the file changes."""

    def __init__(self, reloader: Reloader) -> None:
        self._reloader = reloader
        self._tasks: set[asyncio.Future[Any]] = {asyncio.ensure_future(reloader.watch())}

    def ask(self) -> None:
        """Reloads once."""
        task = asyncio.ensure_future(self._reloader.reload())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """Gives up what is under way."""
        for task in tuple(self._tasks):
            task.cancel()


def _with_mock(settings: Settings, mock: MockProvider | None) -> Settings:
    """The settings with their mocked models at ``mock``. Raises ConfigError where one is needed and there is none."""
    if mock is None:
        if names := mocked(settings.models):
            raise ConfigError(f"no key is set for {', '.join(names)}, and the mock provider was not started")
        return settings
    return replace(settings, models=settings.models.with_mock(mock_endpoint(mock.port)))


def mock_endpoint(port: int) -> Endpoint:
    """Where a mock provider on this machine is reached, in every dialect."""
    (dialect, path), *others = ((each, f"/v1{suffix}") for each, suffix in SUFFIXES.items())
    origin = Origin("http", "127.0.0.1", port)
    return Endpoint(origin, path, f"127.0.0.1:{port}", dialect, tuple(others), auth="none")


def _ask_to_stop(stop: asyncio.Event, app: App) -> None:
    """The first signal drains, a second one ends at once."""
    if stop.is_set():
        app.close()
    stop.set()


def _leave(gone: int, stop: asyncio.Event, orphaned: asyncio.Event) -> None:
    """Nobody is left who would replace this worker or tell it anything: it drains, and leaves the address free."""
    asyncio.get_running_loop().remove_reader(gone)
    orphaned.set()
    stop.set()


async def _mock(settings: Settings, *, says: bool) -> MockProvider | None:
    names = mocked(settings.models)
    if not names:
        return None
    if says:
        talk.note(f"DEV MODE: mock answers, not the real models, for {', '.join(names)}")
    provider = MockProvider(pace=MOCK_PACE)
    await provider.start()
    return provider


def _say_ready(settings: Settings, app: App, own: _Process) -> None:
    """On stderr, for people or as a line of JSON; on stdout where a program asked for it."""
    ready = Ready.of(
        settings,
        Started(
            ports=app.ports,
            file=None if own.path is None else str(own.path),
            admin=app.admin.where if app.admin.port is not None else None,
            trouble=app.admin.trouble,
            workers=own.workers,
            after_s=round(time.monotonic() - own.began, 3),
        ),
    )
    if own.as_json:
        click.echo(talk.json_line(ready))
    if talk.is_for_people():
        talk.say("\n".join(ready.lines()))
    elif not own.as_json:
        talk.say(talk.json_line(ready))


def _log_stream() -> TextIO:
    """stderr; buffered unless somebody is reading it line by line."""
    return sys.stderr if sys.stderr.isatty() else open(2, "w", buffering=65536, closefd=False, encoding="utf-8")
