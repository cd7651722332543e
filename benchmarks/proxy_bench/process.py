"""A server as a session of its own: started on one core, paused, measured by the kernel's accounts, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

GATEWAY_CORE = 0
LOAD_CORE = 1
_TICKS = os.sysconf("SC_CLK_TCK")


class DidNotStart(Exception):
    """A server that ended or stayed silent; the message has the end of what it printed."""


def pinned(core: int, command: list[str]) -> list[str]:
    """The command on one core; on the only one where there is only one."""
    return ["taskset", "-c", str(core % (os.cpu_count() or 1)), *command]


class Tree:
    """A process and all that it starts, found by their session. ``log``: file that takes stdout and stderr."""

    def __init__(
        self, command: list[str], *, core: int, log: Path, folder: Path, extra: Mapping[str, str] | None = None
    ) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                pinned(core, command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env={**os.environ, **(extra or {})},
                start_new_session=True,
            )

    def check(self) -> None:
        """Raises DidNotStart when the process has ended."""
        if self._process.poll() is not None:
            raise DidNotStart(f"ended with {self._process.returncode}: {self.last_words()}")

    def last_words(self) -> str:
        """The last lines of what it printed, on one line."""
        return " ".join(self._log.read_text(errors="replace")[-300:].split())

    def pause(self) -> None:
        """Stops every process of the session: an idle neighbour takes no time from the one that is measured."""
        self.tell(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets them run again."""
        self.tell(signal.SIGCONT)

    def cpu_s(self) -> float:
        """CPU seconds, user and system, of the session so far, children that have ended included."""
        return sum(sum(int(fields[at]) for at in (13, 14, 15, 16)) for fields in self._stats()) / _TICKS

    def resident_mb(self) -> float:
        """Resident memory of all processes of the session."""
        pages = sum(int(fields[23]) for fields in self._stats())
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def stop(self) -> None:
        """Ends the session: asked first, killed after three seconds."""
        self.tell(signal.SIGTERM)
        self.tell(signal.SIGCONT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(3)
        deadline = time.monotonic() + 3
        while next(self._stats(), None) is not None and time.monotonic() < deadline:
            self.tell(signal.SIGKILL)
            time.sleep(0.02)
        self._process.wait(3)

    def tell(self, number: int) -> None:
        """Sends a signal to every process of the session that is left."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _stats(self) -> Iterator[list[str]]:
        """Fields of /proc/PID/stat, from 0, of each living process of the session."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with suppress(OSError):
                number, _, rest = (entry / "stat").read_text().partition(" (")
                fields = [number, "", *rest.rpartition(") ")[2].split()]
                if fields[5] == str(self._process.pid) and fields[2] != "Z":
                    yield fields
