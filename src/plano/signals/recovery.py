"""A model that has just become well gets its requests back by and by: one at once, then 2, 4, … 32, then all that come.

Whatever made it fail is not made to fail again by everybody coming back in the same moment.
"""

from __future__ import annotations

WIDEST = 32

LONGEST_S = 30.0
"""After that long it is over, however few requests there were."""


class Recovery:
    """Which attempts run on the model, and how many may. ``turn``: tells apart those that count."""

    __slots__ = ("_answered", "_last_turn", "_room", "_running", "_until")

    def __init__(self, now: float) -> None:
        self._room = 1
        self._answered = 0
        self._last_turn = 0
        self._running: set[int] = set()
        self._until = now + LONGEST_S

    def is_full(self, now: float) -> bool:
        """Are there as many attempts as there may be?"""
        return len(self._running) >= self._room and not self.is_over(now)

    def is_over(self, now: float) -> bool:
        """May as many come as want to?"""
        return self._room > WIDEST or now >= self._until

    def begin(self) -> int:
        """The turn of an attempt that begins."""
        self._last_turn += 1
        self._running.add(self._last_turn)
        return self._last_turn

    def end(self, turn: int, *, is_well: bool) -> None:
        """An attempt is over; told again of the same one, nothing changes. As many good ones as fit double the room."""
        if turn not in self._running:
            return
        self._running.remove(turn)
        self._answered += is_well
        if self._answered >= self._room:
            self._room *= 2
            self._answered = 0
