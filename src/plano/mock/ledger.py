"""What the mock provider served, to the token: the upstream's side of any reconciliation."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

MAX_ENTRIES = 200_000

End = Literal["served", "closed", "reset", "left", "stopped"]
"""``served``: the play came to its end. ``closed``, ``reset``: by the play itself. ``left``: the caller went first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One attempt as the provider saw it.

    ``trace_id`` and ``request_id``: None when the caller sent none. ``number``: of this attempt in its trace, from 1.
    ``word``: what was played. ``tokens``: of the answer, sent. ``connection``: counts from 1. ``began`` and ``ended``:
    monotonic seconds.
    """

    trace_id: str | None
    request_id: str | None
    mark: str | None
    model: str
    number: int
    word: str
    prompt_tokens: int
    tokens: int
    end: End
    connection: int
    began: float
    ended: float

    def members(self) -> dict[str, Any]:
        """As JSON members."""
        return {name: getattr(self, name) for name in self.__slots__}


class Ledger:
    """The latest entries, and how many attempts each trace has made."""

    def __init__(self, most: int = MAX_ENTRIES) -> None:
        self.entries: deque[Entry] = deque(maxlen=most)
        self._attempts: dict[str, int] = {}
        self._most = most

    def number(self, trace_id: str | None) -> int:
        """Counts an attempt of a trace: 1 for its first."""
        if trace_id is None:
            return 1
        count = self._attempts.pop(trace_id, 0) + 1
        if len(self._attempts) >= self._most:
            del self._attempts[next(iter(self._attempts))]
        self._attempts[trace_id] = count
        return count

    def clear(self) -> None:
        """Forgets everything."""
        self.entries.clear()
        self._attempts.clear()
