"""A new configuration for a running gateway: read, tried, and only then taken; else the old one stays and says why."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from plano.config.settings import Settings
from plano.config.show import sha
from plano.errors import ConfigError
from plano.observe.log import Log
from plano.server.app import App

POLL_S = 2.0
LARGEST_FILE = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a reload. ``refused``: why it was not taken, None when it was.

    ``needs_restart``: keys that count only after a restart.
    """

    refused: str | None
    needs_restart: tuple[str, ...] = ()


def _to_nobody(_verdict: Verdict) -> None:
    """The log and readyz say it as well."""


class Reloader:
    """Reloads ``app``. ``read``: the settings as they are on disk now; runs in a thread and raises ConfigError.

    ``path``: the file that is watched, None where there is none. ``report``: is told of every reload.
    """

    def __init__(
        self,
        app: App,
        read: Callable[[], Settings],
        *,
        log: Log,
        path: Path | None = None,
        report: Callable[[Verdict], None] = _to_nobody,
    ) -> None:
        self._app = app
        self._read = read
        self._log = log
        self._path = path
        self._report = report
        self._tried = None if path is None else _fingerprint(path)
        self._turn = asyncio.Lock()

    async def reload(self) -> str | None:
        """Why the configuration was not taken, None when it was. One reload at a time; never raises for the file."""
        async with self._turn:
            self._tried = await self._content()
            try:
                settings = await asyncio.get_running_loop().run_in_executor(None, self._read)
                restart = await self._app.renew(settings)
            except ConfigError as error:
                self._app.reload_trouble = _first_line(error.message)
                self._log.line("reload_refused", reason=error.message, effect="the old configuration is kept")
                self._report(Verdict(error.message))
                return error.message
            self._app.reload_trouble = None
            needs = ", ".join(restart)
            self._log.line("reloaded", config_sha=sha(settings), needs_restart=needs or None)
            self._report(Verdict(None, restart))
            return None

    async def watch(self) -> None:
        """Reloads when the file is not the one that was tried last; cancel it to stop."""
        while True:
            await asyncio.sleep(POLL_S)
            if await self._content() not in (None, self._tried):
                await self.reload()

    async def _content(self) -> bytes | None:
        """Tells the content of the file from any other; None while there is no file."""
        if self._path is None:
            return None
        return await asyncio.get_running_loop().run_in_executor(None, _fingerprint, self._path)


def _fingerprint(path: Path) -> bytes | None:
    """Of the content; None while there is no file, as in the moment when an editor replaces it, and of a pipe."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return hashlib.blake2b(file.read(LARGEST_FILE)).digest()
    except OSError:
        return None


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
