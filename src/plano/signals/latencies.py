"""How fast models answer, as the gateway itself sees it, and as a source says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from plano.domain.snapshot import LARGE_PROMPT_BYTES, Pace, Paces
from plano.domain.usage import Served
from plano.signals.decay import DecayedLine, DecayedMean
from plano.signals.histogram import LogHistogram

HALF_LIFE_S = 120.0
SPREAD_HALF_LIFE_S = 1_800.0
TTL_S = 1_800.0
"""A measurement that old says nothing any more."""

REMEMBERED = 1_024
FEWEST_FOR_TAIL = 50.0
"""First tokens, old ones weighing less, below which nothing is said about the slowest of them."""

_SOURCE = "measured"
_FEWEST_TOKENS = 8
"""A shorter answer says little about the time for a token."""

_MOST_HALF_LIVES = 40.0
"""After as many the weights are made small again, before they are too large for a number."""


class _Known(msgspec.Struct, frozen=True):
    """What is known of a model. ``at``: moment of the last sample, monotonic seconds."""

    first_s: float
    token_s: float | None
    at: float


class _Track:
    """The answers of one model to prompts of one size. ``is_new``: has something come since anybody looked?"""

    __slots__ = ("_at", "_first", "_line", "_spread", "_spread_from", "_token", "is_new")

    def __init__(self, at: float) -> None:
        self._first = DecayedMean(HALF_LIFE_S)
        self._token = DecayedMean(HALF_LIFE_S)
        self._line = DecayedLine(HALF_LIFE_S)
        self._spread = LogHistogram()
        self._spread_from = self._at = at
        self.is_new = True

    def add(self, answers: Iterable[Served], at: float) -> None:
        """More answers."""
        self._at = at
        self.is_new = True
        lengths, seconds = [], []
        for each in answers:
            if each.first_s is not None:
                self._add_stream(each.first_s, each.whole_s, each.usage.output_tokens, at)
            elif each.whole_s is not None:
                lengths.append(each.usage.output_tokens or 0)
                seconds.append(each.whole_s)
        if seconds:
            self._line.add(lengths, seconds, at)

    def quantiles(self, shares: Sequence[float]) -> tuple[float, ...]:
        """Of the seconds to the first token; empty before a first stream."""
        return self._spread.quantiles(shares)

    def tail_s(self, share: float, at: float) -> float | None:
        """Within how many seconds ``share`` of the first tokens came; None where there were few lately."""
        weight = self._spread.weight * 0.5 ** ((at - self._spread_from) / SPREAD_HALF_LIFE_S)
        return self._spread.quantiles((share,))[0] if weight >= FEWEST_FOR_TAIL else None

    def known(self) -> _Known:
        """What all of that comes to."""
        self.is_new = False
        line = self._line.line
        first_s, token_s = self._first.mean, self._token.mean
        if token_s is None and line is not None:
            token_s = line.token_s
        if first_s is None:
            first_s = line.first_s if line is not None else 0.0
        return _Known(first_s, token_s, self._at)

    def _add_stream(self, first_s: float, whole_s: float | None, tokens: int | None, at: float) -> None:
        self._first.add(first_s, at)
        self._add_to_spread(first_s, at)
        if whole_s is not None and tokens is not None and tokens >= _FEWEST_TOKENS:
            self._token.add(max(0.0, whole_s - first_s) / (tokens - 1), at)

    def _add_to_spread(self, seconds: float, at: float) -> None:
        """Newer samples weigh more, which is the same as old ones decaying, at no cost for the old ones."""
        half_lives = (at - self._spread_from) / SPREAD_HALF_LIFE_S
        if half_lives > _MOST_HALF_LIVES:
            # A model that nobody asked for weeks: 2 to that power is none, half to it is 0.
            self._spread.scale(0.5**half_lives)
            self._spread_from, half_lives = at, 0.0
        self._spread.add(seconds, 2.0**half_lives)


class MeasuredLatencies:
    """Learned from answers, by model, small and large prompts apart. Bounded: the model met longest ago leaves."""

    def __init__(self) -> None:
        self._tracks: dict[tuple[str, bool], _Track] = {}
        self._known: dict[tuple[str, bool], _Known] = {}

    @property
    def is_live(self) -> bool:
        """Is there anything that ages?"""
        return bool(self._tracks)

    def learn(self, answers: Iterable[Served], at: float) -> None:
        """Takes answers into account, in order. ``at``: monotonic seconds."""
        by_track: dict[tuple[str, bool], list[Served]] = {}
        for each in answers:
            if each.first_s is not None or each.whole_s is not None:
                by_track.setdefault((each.model, each.prompt_bytes >= LARGE_PROMPT_BYTES), []).append(each)
        for key, timed in by_track.items():
            track = self._tracks.get(key)
            if track is None:
                if len(self._tracks) >= REMEMBERED:
                    oldest = next(iter(self._tracks))
                    del self._tracks[oldest]
                    self._known.pop(oldest, None)
                track = self._tracks[key] = _Track(at)
            track.add(timed, at)

    def at(self, now: float, *, is_large: bool) -> Paces:
        """What is known at ``now`` of prompts of one size, frozen; of the other size where nothing else is."""
        # Worked out once for all answers since the last time somebody asked.
        for key, track in self._tracks.items():
            if track.is_new:
                self._known[key] = track.known()
        return _Measured(self._known.copy(), now, is_large)

    def quantiles(self, model: str, shares: Sequence[float]) -> tuple[float, ...]:
        """Of the seconds to the first token of small prompts; empty when nothing was measured."""
        track = self._tracks.get((model, False))
        return () if track is None else track.quantiles(shares)

    def tail_s(self, model: str, share: float, now: float, *, prompt_bytes: int) -> float | None:
        """Within how many seconds ``share`` (0..1) of the first tokens of prompts of about that size came.

        None where fewer than some fifty were measured in the last half hour or so.
        """
        track = self._tracks.get((model, prompt_bytes >= LARGE_PROMPT_BYTES))
        return None if track is None else track.tail_s(share, now)


class _Measured:
    """``plano.domain.snapshot.Paces`` at one moment: each latency is worked out once."""

    __slots__ = ("_is_large", "_known", "_now", "_paces")

    def __init__(self, known: Mapping[tuple[str, bool], _Known], now: float, is_large: bool) -> None:
        self._known = known
        self._now = now
        self._is_large = is_large
        self._paces: dict[str, Pace | None] = {}

    def get(self, name: str, /) -> Pace | None:
        """The latency of a model, None when it was not measured in the last half hour."""
        if name in self._paces:
            return self._paces[name]
        if len(self._paces) >= REMEMBERED:
            # Wildcard providers have as many models as callers can think of.
            self._paces.clear()
        pace = self._paces[name] = self._pace(name)
        return pace

    def _pace(self, name: str) -> Pace | None:
        for is_large in (self._is_large, not self._is_large):
            known = self._known.get((name, is_large))
            if known is not None and self._now - known.at < TTL_S:
                return Pace(known.first_s, _SOURCE, max(0.0, self._now - known.at), tpot_s=known.token_s)
        return None


class ReportedLatencies:
    """What a source says. ``ttl_s``: age from which that is unknown. ``origin``: tells sources apart."""

    def __init__(self, name: str, ttl_s: float, origin: str = "") -> None:
        self._name = name
        self._origin = origin
        self._ttl_s = ttl_s
        self._said: Mapping[str, float] = {}
        self._at = float("-inf")
        self._is_stale = False

    def take_over(self, old: ReportedLatencies) -> None:
        """What ``old`` heard, where it is of the same source and newer."""
        if old._origin == self._origin and old._at > self._at:
            self._said, self._at, self._is_stale = old._said, old._at, old._is_stale

    def hear(self, latencies: Mapping[str, float], *, at: float) -> None:
        """The source said this, at that moment of the monotonic clock."""
        self._said, self._at, self._is_stale = dict(latencies), at, False

    def doubt(self) -> None:
        """The source failed: what it said before still counts, and says so."""
        self._is_stale = True

    def at(self, now: float) -> Paces:
        """What is known at ``now``, frozen."""
        age_s = max(0.0, now - self._at)
        if age_s >= self._ttl_s:
            return {}
        stale = self._is_stale
        return {name: Pace(seconds, self._name, age_s, stale) for name, seconds in self._said.items()}
