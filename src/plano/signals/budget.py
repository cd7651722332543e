"""How much extra work sick models may be given: 20 % of the requests, so that a brown-out is not made worse.

Falling back to a healthy model is free. A retry, or an attempt on a model that is not healthy after another one has
failed, draws on the budget. What bounds it below is a number in the window and not one in flight: where failures come
fast, nothing stays in flight, and the floor would be no bound.
"""

from __future__ import annotations

from collections import deque

SHARE = 0.2
WINDOW_S = 10.0
MOST_SAVED = 10.0
FLOOR = 10
"""Extras in a window that are always allowed: one a second."""


class Allowance:
    """A share of the requests for something dear, saved up for ten at most."""

    __slots__ = ("_saved",)

    def __init__(self) -> None:
        self._saved = 0.0

    def earn(self, share: float) -> None:
        """One more request has begun, and ``share`` (0..1) of one is allowed for it."""
        self._saved = min(self._saved + share, MOST_SAVED)

    def take(self) -> bool:
        """Is there enough for one? Then it is taken."""
        if self._saved < 1.0:
            return False
        self._saved -= 1.0
        return True


class Budget:
    """Requests and extras of the last 10 s, counted by the second."""

    __slots__ = ("_extras", "_requests", "_seconds")

    def __init__(self) -> None:
        self._seconds: deque[list[int]] = deque()
        self._requests = 0
        self._extras = 0

    def started(self, now: float) -> None:
        """A request has begun."""
        seconds = self._seconds
        second = seconds[-1] if seconds and now < seconds[-1][0] + 1 else self._second(now)
        second[1] += 1
        self._requests += 1

    def can_pay(self, now: float) -> bool:
        """Is there enough for one extra?"""
        self._second(now)
        return self._extras < max(SHARE * self._requests, FLOOR)

    def pays(self, now: float) -> bool:
        """Is there enough for one extra? Then it is spent."""
        if not self.can_pay(now):
            return False
        self._second(now)[2] += 1
        self._extras += 1
        return True

    def _second(self, now: float) -> list[int]:
        """The counters of this second: its number, requests, extras."""
        number, seconds = int(now), self._seconds
        if seconds and seconds[-1][0] == number:
            return seconds[-1]
        while seconds and seconds[0][0] <= number - WINDOW_S:
            _, requests, extras = seconds.popleft()
            self._requests -= requests
            self._extras -= extras
        seconds.append([number, 0, 0])
        return seconds[-1]
