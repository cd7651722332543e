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
from typing import BinaryIO, Self

LARGEST_FILE = 16 * 1024 * 1024
OLDER_FILES = 3
"""``records.jsonl.1`` is the newest of them. In all 64 MiB."""

MAX_WAITING = 64
"""Batches of at most 64 records."""

LAST_WORDS_S = 2.0


class RecordFile:
    """Appends to ``path``, readable by its owner alone. ``dropped``: records that could not be written."""

    def __init__(self, path: Path, *, largest: int = LARGEST_FILE) -> None:
        self._path = path
        self._largest = largest
        self._waiting: queue.Queue[Sequence[bytes] | None] = queue.Queue(MAX_WAITING)
        self._thread: threading.Thread | None = None
        self.dropped = 0

    @classmethod
    def at(cls, path: str | None) -> Self | None:
        """The file at a path, None where there is none."""
        return None if path is None else cls(Path(path))

    @property
    def wants_more(self) -> bool:
        """Always."""
        return True

    def follow(self, bodies: Sequence[bytes]) -> None:
        """Takes a batch of JSON objects. Never waits."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="plano-records", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait(bodies)
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
        while (bodies := self._waiting.get()) is not None:
            try:
                if file is None:
                    file = self._opened()
                file.write(b"".join([body + b"\n" for body in bodies]))
                file.flush()
                if file.tell() >= self._largest:
                    file.close()
                    file = None
                    self._rotate()
            except OSError:
                self.dropped += len(bodies)
                if file is not None:
                    with suppress(OSError):
                        file.close()
                file = None
        if file is not None:
            with suppress(OSError):
                file.close()

    def _opened(self) -> BinaryIO:
        made = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return os.fdopen(made, "ab")

    def _rotate(self) -> None:
        """Each file takes the place of the next older one; the oldest is gone."""
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{age}") for age in range(1, OLDER_FILES + 1))]
        for newer, older in reversed(list(pairwise(names))):
            with suppress(FileNotFoundError):
                newer.replace(older)
