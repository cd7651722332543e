"""What a running gateway leaves for ``plano reload``: its process id, and what became of its last reload."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from plano.config.settings import Settings


def pid_file(settings: Settings) -> Path | None:
    """The file of the gateway that listens where ``settings`` say; None where there is no state directory."""
    folder, listener = settings.overrides.state_dir, settings.listeners[0]
    return None if folder is None or listener.port == 0 else Path(folder) / f"gateway-{listener.port}.pid"


@contextmanager
def known_by_pid(settings: Settings) -> Iterator[None]:
    """As long as it is open, the process is found by its file; where that cannot be written it is not."""
    path = pid_file(settings)
    if path is None:
        yield
        return
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(f"{os.getpid()}\n", encoding="ascii")
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a reload. ``number``: the how-manieth one of its process; 0 before the first one.

    ``refused``, ``needs_restart``: see ``plano.server.reloading.Verdict``.
    """

    number: int
    refused: str | None = None
    needs_restart: tuple[str, ...] = ()


class VerdictFile:
    """The file in which the process ``pid`` under ``settings`` says what became of its last reload."""

    def __init__(self, settings: Settings, pid: int) -> None:
        folder = settings.overrides.state_dir
        self._path = None if folder is None else Path(folder) / f"reload-{pid}.json"
        self._number = 0

    def write(self, refused: str | None, needs_restart: tuple[str, ...]) -> None:
        """Says it; where that cannot be written, nothing."""
        self._number += 1
        self._write(Told(self._number, refused, needs_restart))

    def read(self) -> Told | None:
        """What was said last, None where nothing can be read."""
        try:
            return None if self._path is None else msgspec.json.decode(self._path.read_bytes(), type=Told)
        except (OSError, msgspec.MsgspecError):
            return None

    @contextmanager
    def opened(self) -> Iterator[None]:
        """As long as it is open, the file is there."""
        self._write(Told(0))
        try:
            yield
        finally:
            with suppress(OSError):
                if self._path is not None:
                    self._path.unlink()

    def _write(self, told: Told) -> None:
        if self._path is None:
            return
        beside = self._path.with_suffix(".new")
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside.write_bytes(msgspec.json.encode(told))
            beside.replace(self._path)


def is_gateway(pid: int) -> bool:
    """May the process be one? After a crash its number may be another's. True where the system does not say."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True
    return b"plano" in words or b"python" in words


def running_pid(settings: Settings) -> int | None:
    """The process that serves ``settings``, as far as its file says and such a process exists."""
    path = pid_file(settings)
    try:
        pid = 0 if path is None else int(path.read_text(encoding="ascii"))
        if pid > 0:
            os.kill(pid, 0)
            return pid
    except (OSError, ValueError):
        pass
    return None


def signalled(file: Path | str, pid: int | None, number: signal.Signals) -> str | None:
    """Sends a gateway's process a signal; why it was not sent, None when it was. ``file``: its configuration."""
    if pid is None:
        return f"no gateway was found for {file}: name its process with --pid"
    if not is_gateway(pid):
        return f"process {pid} is no gateway: the signal would end it"
    try:
        os.kill(pid, number)
    except OSError as error:
        return f"process {pid} cannot be reached: {error.strerror}"
    return None
