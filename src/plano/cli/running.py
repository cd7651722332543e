"""Where a running gateway leaves its process id, for ``plano reload`` to find it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

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
