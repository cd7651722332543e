"""Limits on tokens: how much a model may be sent for whoever a request header names.

Only configured limits are counted, so that the memory is theirs, whatever callers send. Each counts for itself in its
own process.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from plano.domain.model import Model
from plano.domain.request import Metered
from plano.domain.usage import Usage

SELECTOR: Final = "x-arch-ratelimit-selector"
"""Request field that names the field by whose value limits are selected; the name existing files are written for."""

SLOTS = 60


class TokenLimit(msgspec.Struct, frozen=True):
    """At most ``tokens`` (> 0) within any ``span_s`` seconds.

    ``models``: names or bare ids; all of them together. ``header`` (lower-case) and ``value``: whose requests count.
    """

    models: frozenset[str]
    header: str
    value: str
    tokens: int
    span_s: float

    def covers(self, model: Model) -> bool:
        """Does it count what ``model`` is sent?"""
        return model.name in self.models or model.upstream_id in self.models


class Window:
    """The tokens of the last ``span_s`` seconds, in sixty slots: a slot is forgotten when all of it is too old."""

    __slots__ = ("_counts", "_slot_s", "_span_s", "_tokens", "_total")

    def __init__(self, tokens: int, span_s: float) -> None:
        self._tokens = tokens
        self._span_s = span_s
        self._slot_s = span_s / SLOTS
        self._counts: deque[list[int]] = deque()
        self._total = 0

    def add(self, tokens: int, now: float) -> int:
        """Counts ``tokens``; the slot that they are in."""
        self._forget(now)
        slot = math.floor(now / self._slot_s)
        if not self._counts or self._counts[-1][0] < slot:
            self._counts.append([slot, 0])
        newest = self._counts[-1]
        newest[1] += tokens
        self._total += tokens
        return newest[0]

    def give_back(self, tokens: int, slot: int) -> None:
        """Counts ``tokens`` of that slot no longer; nothing happens when it is forgotten."""
        for each in self._counts:
            if each[0] == slot:
                each[1] -= tokens
                self._total -= tokens

    def wait_s(self, tokens: int, now: float) -> float:
        """Seconds until so many more fit in: 0 when they do now, infinite when they never will."""
        self._forget(now)
        missing = self._total + tokens - self._tokens
        if missing <= 0:
            return 0.0
        if tokens > self._tokens:
            return math.inf
        for slot, count in self._counts:
            missing -= count
            if missing <= 0:
                return self._end(slot) - now
        return math.inf

    def _forget(self, now: float) -> None:
        while self._counts and self._end(self._counts[0][0]) <= now:
            self._total -= self._counts.popleft()[1]

    def _end(self, slot: int) -> float:
        """From then on the tokens of a slot do not count, monotonic seconds."""
        return (slot + 1) * self._slot_s + self._span_s


class Charge:
    """What one attempt was counted with before it was sent: the estimate, in each window that counts it."""

    __slots__ = ("_places", "_tokens")

    def __init__(self, windows: Iterable[Window], tokens: int, now: float) -> None:
        self._tokens = tokens
        self._places = tuple([(window, window.add(tokens, now)) for window in windows])

    def settle(self, usage: Usage | None, now: float) -> None:
        """Prompt and answer are counted as the provider did, where that is more than the estimate."""
        if usage is None:
            return
        more = (usage.input_tokens or 0) + (usage.output_tokens or 0) - self._tokens
        for window, _ in self._places if more > 0 else ():
            window.add(more, now)

    def give_back(self) -> None:
        """The provider did not serve it: nothing is counted."""
        for window, slot in self._places:
            window.give_back(self._tokens, slot)


class Meter:
    """The limits of one request. ``windows``: of each model by name that has any."""

    __slots__ = ("_tokens", "_windows")

    def __init__(self, windows: Mapping[str, tuple[Window, ...]], tokens: int) -> None:
        self._windows = windows
        self._tokens = tokens

    def wait_s(self, model: str, now: float) -> float:
        """Seconds until the request may be sent to ``model``: 0 when it may now, infinite when it never may."""
        return max([window.wait_s(self._tokens, now) for window in self._windows.get(model, ())], default=0.0)

    def charge(self, model: str, now: float) -> Charge:
        """Counts the request, which is about to be sent to ``model``."""
        return Charge(self._windows.get(model, ()), self._tokens, now)


class TokenLimits:
    """The configured limits and what was counted so far."""

    def __init__(self, limits: Iterable[TokenLimit] = ()) -> None:
        self._windows = {limit: Window(limit.tokens, limit.span_s) for limit in limits}
        self._selected = {(limit.header, limit.value) for limit in self._windows}

    def take_over(self, old: TokenLimits) -> None:
        """Goes on counting where ``old`` has the same limits."""
        kept = {limit: window for limit, window in old._windows.items() if limit in self._windows}
        self._windows.update(kept)

    def selected(self, fields: Mapping[str, str]) -> tuple[str, str] | None:
        """The field and its value by which the limits of a request are selected, None where it has none.

        ``fields``: of the request, names in lower case.
        """
        named = fields.get(SELECTOR)
        if named is None:
            return None
        header = named.strip().lower()
        found = (header, fields.get(header, ""))
        return found if found in self._selected else None

    def meter(self, metered: Metered, models: Iterable[Model]) -> Meter:
        """The limits of one request, for each of the models it may be sent to."""
        chosen = [
            (limit, window)
            for limit, window in self._windows.items()
            if (limit.header, limit.value) == (metered.header, metered.value)
        ]
        windows = {model.name: tuple([window for limit, window in chosen if limit.covers(model)]) for model in models}
        return Meter(windows, metered.tokens)
