"""When providers want to be asked again: what an operator should know of it, and may put an end to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from plano.observe.log import Log
from plano.signals.board import Board

LONG_S: Final = 3600.0
MOST_NAMED: Final = 20
REMEMBERED: Final = 256

Kept = Callable[[], tuple[Board, Iterable[str]]]
"""The board that keeps promises now, and the models that are declared."""


class Promises:
    """Those of more than an hour, as nothing else ends them, and those that cannot be read. ``now``: monotonic."""

    def __init__(self, log: Log, kept: Kept, now: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._kept = kept
        self._now = now
        self._told: dict[str, float] = {}
        self._unread: set[tuple[str, str]] = set()

    def notes(self) -> list[str]:
        """A note for each declared model that is promised no attempt for more than an hour, the first 20 of them."""
        long = [*self._long().items()][:MOST_NAMED]
        return [f"held for {left_s / 3600:.1f} h by its provider: {name} (`plano unhold`)" for name, left_s in long]

    def look(self) -> None:
        """A line in the log for each that has become so long; called about twice a second."""
        now = self._now()
        if self._told:
            self._told = {name: until for name, until in self._told.items() if until > now}
        for name, left_s in self._long().items():
            if name not in self._told:
                hours = round(left_s / 3600, 1)
                self._log.line("model_held", model=name, hours=hours, effect="not asked; 'plano unhold' ends it")
            self._told[name] = now + left_s

    def clear(self) -> None:
        """Models may be asked at once, whatever their providers said; a line in the log says which were held."""
        released = self._kept()[0].release(self._now())
        self._told.clear()
        self._log.line("holds_cleared", held=len(released), models=", ".join(released[:MOST_NAMED]) or None)

    def unreadable(self, model: str, field: str) -> None:
        """A line in the log for a header field that should say when to come back, and does not: once for each model's.

        Its value is not shown: who sent it may have copied a key into it. The first 256 are told.
        """
        if (model, field) not in self._unread and len(self._unread) < REMEMBERED:
            self._unread.add((model, field))
            self._log.line("time_unreadable", model=model, field=field, effect="what else the answer says counts")

    def _long(self) -> dict[str, float]:
        """The seconds left of those that have more than an hour."""
        board, models = self._kept()
        holds, now = board.holds, self._now()
        return {name: holds[name] - now for name in models if holds.get(name, now) - now > LONG_S} if holds else {}
