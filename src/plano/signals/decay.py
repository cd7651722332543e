"""Averages that forget: what was seen a half-life ago counts half."""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul

import msgspec

FIRST_TOKEN_WORTH = 30.0
"""Tokens that could have been written while the first one was awaited, where nothing tells the two apart."""

_FEWEST_FOR_A_LINE = 8.0
_LEAST_SPREAD = 0.05
"""Squared coefficient of variation of the lengths below which their slope is noise."""


class DecayedMean:
    """The mean of what was added; ``weight``: how many samples it stands for at ``at``."""

    __slots__ = ("_half_life_s", "_sum", "at", "weight")

    def __init__(self, half_life_s: float) -> None:
        self._half_life_s = half_life_s
        self._sum = 0.0
        self.weight = 0.0
        self.at = 0.0

    def add(self, value: float, at: float) -> None:
        """Adds a sample of that moment (seconds that never go back)."""
        kept = 0.5 ** ((at - self.at) / self._half_life_s) if self.weight else 0.0
        self._sum = self._sum * kept + value
        self.weight = self.weight * kept + 1.0
        self.at = at

    @property
    def mean(self) -> float | None:
        """None before the first sample."""
        return self._sum / self.weight if self.weight else None


class Line(msgspec.Struct, frozen=True):
    """Seconds to the first token and for each further one."""

    first_s: float
    token_s: float


class DecayedLine:
    """Tells first token and further tokens apart in answers that came whole: ``seconds = first + tokens x slope``.

    Least squares over decayed sums. Where the lengths are too few or too alike, the first token is taken to be worth 30
    of the others; the time of an answer of the mean length is right either way.
    """

    __slots__ = ("_at", "_half_life_s", "_sums")

    def __init__(self, half_life_s: float) -> None:
        self._half_life_s = half_life_s
        self._at = 0.0
        self._sums = (0.0, 0.0, 0.0, 0.0, 0.0)

    def add(self, tokens: Sequence[float], seconds: Sequence[float], at: float) -> None:
        """Adds answers of that moment: how many tokens each had, and how many seconds each took."""
        if at != self._at:
            kept = 0.5 ** ((at - self._at) / self._half_life_s)
            self._sums = tuple([each * kept for each in self._sums])
            self._at = at
        count, length, time, square, product = self._sums
        self._sums = (
            sum([1.0] * len(tokens), count),
            sum(tokens, length),
            sum(seconds, time),
            sum(map(mul, tokens, tokens), square),
            sum(map(mul, tokens, seconds), product),
        )

    @property
    def line(self) -> Line | None:
        """None before the first sample; both parts are at least 0."""
        count, tokens, seconds, square, product = self._sums
        if not count:
            return None
        length, time = tokens / count, seconds / count
        variance = square / count - length * length
        if count >= _FEWEST_FOR_A_LINE and variance > _LEAST_SPREAD * length * length:
            slope = (product / count - length * time) / variance
            if 0.0 <= slope * length <= time:
                return Line(time - slope * length, slope)
        token_s = time / (length + FIRST_TOKEN_WORTH)
        return Line(FIRST_TOKEN_WORTH * token_s, token_s)
