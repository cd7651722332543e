"""The latest requests, by trace id: what explains a decision after the fact. No prompt, no answer, no key.

An entry is kept as the JSON it is shown as: its size is then exact, it holds on to nothing of the request (an error
holds the frames it passed, and with them the body), and the garbage collector need not walk it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from plano.observe.entry import Entry

MAX_RECORDS = 1_000
MAX_BYTES = 8 * 1024 * 1024
LARGEST_RECORD = 64 * 1024
"""Bytes; a larger one (names of many kilobytes) is kept without what was considered and tried."""

Follower = Callable[[Sequence[bytes]], None]
"""Takes the JSON objects of a batch, oldest first: a file, a stream of events. It must not wait."""


class Records:
    """At most ``limit`` entries and 8 MiB of them, whichever is less; a common one has 1 KB, so 1,000 take 1 MB.

    ``followers``: who else takes each entry's JSON.
    """

    def __init__(self, followers: Sequence[Follower] = (), *, limit: int = MAX_RECORDS) -> None:
        self._followers = tuple(followers)
        self._limit = limit
        self._encode = msgspec.json.Encoder().encode
        self._kept: deque[tuple[str, bytes]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, entries: Sequence[Entry]) -> None:
        """Keeps a batch; the oldest give way."""
        bodies = [self._body(entry) for entry in entries]
        for entry, body in zip(entries, bodies, strict=True):
            self._kept.append((entry.trace_id, body))
            self._bytes += len(body)
        while len(self._kept) > self._limit or self._bytes > MAX_BYTES:
            self._bytes -= len(self._kept.popleft()[1])
        for follow in self._followers:
            follow(bodies)

    def latest(self, limit: int) -> tuple[bytes, ...]:
        """JSON objects of the last requests, newest first."""
        return tuple(body for _, body in islice(reversed(self._kept), limit))

    def of(self, trace_id: str) -> tuple[bytes, ...]:
        """JSON objects of the requests of one trace, newest first: a caller may send several under one id."""
        return tuple(body for known, body in reversed(self._kept) if known == trace_id)

    def _body(self, entry: Entry) -> bytes:
        body = self._encode(entry)
        if len(body) > LARGEST_RECORD:
            body = self._encode(msgspec.structs.replace(entry, decision=None, attempts=None, is_shortened=True))
        return body
