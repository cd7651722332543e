"""The latest requests, by trace id: what explains a decision after the fact. No prompt, no answer, no key.

They are kept as entries, which hold on to nothing of the request, and become JSON when somebody reads them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Protocol

import msgspec

from plano.observe.entry import Entry

MAX_RECORDS = 1_000
MAX_BYTES = 8 * 1024 * 1024
LARGEST_RECORD = 64 * 1024
"""Bytes of JSON; a larger one (names of many kilobytes) is kept without what was considered and tried."""

SMALL_REQUEST = 4 * 1024
"""Bytes: the names that a caller made up in such a request cannot make its entry large. It counts as twice that."""

_encode = msgspec.json.Encoder().encode


class Follower(Protocol):
    """Who takes each batch as well, oldest first: a file, a stream of events. It must not wait."""

    @property
    def wants_more(self) -> bool:
        """Is anything done with the next batch? It is not made into JSON for nobody."""
        ...

    def follow(self, bodies: Sequence[bytes]) -> None:
        """Takes JSON objects."""
        ...


class Records:
    """At most ``limit`` entries and 8 MiB of them, whichever is less.

    ``followers``: who else takes each entry's JSON.
    """

    def __init__(self, followers: Sequence[Follower] = (), *, limit: int = MAX_RECORDS) -> None:
        self._followers = tuple(followers)
        self._limit = limit
        self._kept: deque[tuple[Entry, int]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, entries: Sequence[Entry]) -> None:
        """Keeps a batch; the oldest give way."""
        kept = [_weighed(entry) for entry in entries]
        self._kept += kept
        self._bytes += sum([size for _, size in kept])
        while len(self._kept) > self._limit or self._bytes > MAX_BYTES:
            self._bytes -= self._kept.popleft()[1]
        followers = [each for each in self._followers if each.wants_more]
        if followers:
            bodies = [_encode(entry) for entry, _ in kept]
            for each in followers:
                each.follow(bodies)

    def latest(self, limit: int) -> tuple[bytes, ...]:
        """JSON objects of the last requests, newest first."""
        return tuple([_encode(entry) for entry, _ in islice(reversed(self._kept), limit)])

    def of(self, trace_id: str) -> tuple[bytes, ...]:
        """JSON objects of the requests of one trace, newest first: a caller may send several under one id."""
        return tuple([_encode(entry) for entry, _ in reversed(self._kept) if entry.trace_id == trace_id])


def _weighed(entry: Entry) -> tuple[Entry, int]:
    """What is kept of an entry, and the bytes it counts as."""
    if entry.request_bytes <= SMALL_REQUEST and not entry.headers:
        return entry, 2 * SMALL_REQUEST
    size = len(_encode(entry))
    if size <= LARGEST_RECORD:
        return entry, size
    shortened = msgspec.structs.replace(entry, decision=None, attempts=None, is_shortened=True)
    return shortened, len(_encode(shortened))
