"""Kept records in a file, a JSON object a line; a few older files beside it, and never more.

A thread writes, so that a slow disk holds up nobody; what it does not take in time is dropped and counted. A full disk
changes nothing for callers.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import FileIO
from itertools import pairwise
from pathlib import Path

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes; a batch that is larger by itself makes a larger file."""

OLDER_FILES = 3
"""``records.jsonl.1`` is the newest of them. In all 64 MiB."""

HANDED_OVER = 512
"""Records at once. A thread that wants the interpreter costs the event loop some 50 µs each time it is woken."""

MAX_WAITING = 8
"""Of these."""

LAST_WORDS_S = 2.0


def _nobody(_trouble: str) -> None:
    """Nobody wants to know."""


class RecordFile:
    """Appends to ``path``, readable by its owner alone; to nothing where that is None.

    ``report``: told why, when writing begins to fail. ``dropped``: records that could not be written.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        largest: int = LARGEST_FILE,
        report: Callable[[str], None] = _nobody,
    ) -> None:
        self._path = None if path is None else Path(path)
        self._largest = largest
        self._report = report
        self._trouble: str | None = None
        self._reported: str | None = None
        self._gathered: list[bytes] = []
        self._waiting: queue.SimpleQueue[tuple[Path | None, Sequence[bytes]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self.dropped = 0

    @property
    def wants_more(self) -> bool:
        """Is there a file?"""
        return self._path is not None

    def move(self, path: str | Path | None) -> None:
        """From now on another file is written, or none; the one before is closed."""
        self.beat()
        self._path = None if path is None else Path(path)
        if self._thread is not None:
            self._waiting.put((self._path, ()))

    def follow(self, bodies: Sequence[bytes]) -> None:
        """Takes a batch of JSON objects. Never waits."""
        self._gathered += bodies
        if len(self._gathered) >= HANDED_OVER:
            self.beat()

    def beat(self) -> None:
        """Has what was taken written, and tells of trouble; called about twice a second."""
        self._tell()
        bodies, self._gathered = self._gathered, []
        if not bodies:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="plano-records", daemon=True)
            self._thread.start()
        if self._waiting.qsize() < MAX_WAITING:
            self._waiting.put((self._path, bodies))
        else:
            self.dropped += len(bodies)

    def close(self) -> None:
        """Writes what waits, for two seconds at most."""
        self.beat()
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(LAST_WORDS_S)
            self._tell()

    def _tell(self) -> None:
        """What the thread met is told by whoever calls: the log is not written from two threads."""
        trouble = self._trouble
        if trouble != self._reported:
            self._reported = trouble
            if trouble is not None:
                self._report(trouble)

    def _run(self) -> None:
        file: FileIO | None = None
        at: Path | None = None
        while (taken := self._waiting.get()) is not None:
            path, bodies = taken
            if at != path:
                _close(file)
                file, at = None, path
            if at is None or not bodies:
                continue
            try:
                file = self._with_room(at, file or _opened(at), data := b"\n".join((*bodies, b"")))
                _append(file, data)
                self._trouble = None
            except OSError as error:
                self._trouble = error.strerror or type(error).__name__
                self.dropped += len(bodies)
                _close(file)
                file = None
        _close(file)

    def _with_room(self, path: Path, file: FileIO, data: bytes) -> FileIO:
        """The file, or a new one in its place where the data would make it too large."""
        if not 0 < file.tell() > self._largest - len(data):
            return file
        file.close()
        _rotate(path)
        return _opened(path)


def _opened(path: Path) -> FileIO:
    made = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return FileIO(made, "ab")


def _append(file: FileIO, data: bytes) -> None:
    """Unbuffered: each further call of the system is one more turn to wait for the interpreter."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _close(file: FileIO | None) -> None:
    if file is not None:
        with suppress(OSError):
            file.close()


def _rotate(path: Path) -> None:
    """Each file takes the place of the next older one; the oldest is gone."""
    names = [path, *(path.with_name(f"{path.name}.{age}") for age in range(1, OLDER_FILES + 1))]
    for newer, older in reversed(list(pairwise(names))):
        with suppress(FileNotFoundError):
            newer.replace(older)
