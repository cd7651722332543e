"""Kept records in a file, a JSON object a line; a few older files beside it, and never more.

A thread writes, so that a slow disk holds up nobody; what it does not take in time is dropped and counted. A full disk
changes nothing for callers.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

LARGEST_FILE = 16 * 1024 * 1024
OLDER_FILES = 3
"""``records.jsonl.1`` is the newest of them. In all 64 MiB."""

MAX_WAITING = 64
"""Batches of at most 64 records."""

LAST_WORDS_S = 2.0


class RecordFile:
    """Appends to ``path``, readable by its owner alone; to nothing where that is None.

    ``dropped``: records that could not be written.
    """

    def __init__(self, path: str | Path | None = None, *, largest: int = LARGEST_FILE) -> None:
        self._path = None if path is None else Path(path)
        self._largest = largest
        self._waiting: queue.Queue[tuple[Path | None, Sequence[bytes]] | None] = queue.Queue(MAX_WAITING)
        self._thread: threading.Thread | None = None
        self.dropped = 0

    @property
    def wants_more(self) -> bool:
        """Is there a file?"""
        return self._path is not None

    def move(self, path: str | Path | None) -> None:
        """From now on another file is written, or none; the one before is closed."""
        self._path = None if path is None else Path(path)
        if self._thread is not None:
            with suppress(queue.Full):
                self._waiting.put_nowait((self._path, ()))

    def follow(self, bodies: Sequence[bytes]) -> None:
        """Takes a batch of JSON objects. Never waits."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="plano-records", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait((self._path, bodies))
        except queue.Full:
            self.dropped += len(bodies)

    def close(self) -> None:
        """Writes what waits, for two seconds at most."""
        if self._thread is not None:
            with suppress(queue.Full):
                self._waiting.put(None, timeout=LAST_WORDS_S)
            self._thread.join(LAST_WORDS_S)

    def _run(self) -> None:
        file: BinaryIO | None = None
        at: Path | None = None
        while (taken := self._waiting.get()) is not None:
            path, bodies = taken
            if at != path:
                _close(file)
                file, at = None, path
            if at is None or not bodies:
                continue
            try:
                file = file or _opened(at)
                file.write(b"".join([body + b"\n" for body in bodies]))
                file.flush()
                if file.tell() >= self._largest:
                    file.close()
                    file = None
                    _rotate(at)
            except OSError:
                self.dropped += len(bodies)
                _close(file)
                file = None
        _close(file)


def _opened(path: Path) -> BinaryIO:
    made = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return os.fdopen(made, "ab")


def _close(file: BinaryIO | None) -> None:
    if file is not None:
        with suppress(OSError):
            file.close()


def _rotate(path: Path) -> None:
    """Each file takes the place of the next older one; the oldest is gone."""
    names = [path, *(path.with_name(f"{path.name}.{age}") for age in range(1, OLDER_FILES + 1))]
    for newer, older in reversed(list(pairwise(names))):
        with suppress(FileNotFoundError):
            newer.replace(older)
