"""The board: what is known right now about every model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from msgspec.structs import replace

from plano.domain.attempt import Hold
from plano.domain.snapshot import Facts, Snapshot
from plano.domain.usage import Served
from plano.signals.breaker import Breaker
from plano.signals.budget import Allowance, Budget
from plano.signals.keepers import Keepers
from plano.signals.latencies import MeasuredLatencies, ReportedLatencies
from plano.signals.lengths import Lengths
from plano.signals.prices import PriceList
from plano.signals.token_limits import TokenLimits

FIRST_UNNAMED_HOLD_S = 1.0
LONGEST_UNNAMED_HOLD_S = 60.0
REMEMBERED = 1_024


class Board:
    """Holds, failures, prices, latencies and lengths by model name. A reader's photograph never changes.

    ``reported``: latencies of a source, which then count instead of the measured ones: they may be in another unit.
    ``facts``: what models can do. ``limits``: on tokens. ``holds``: by model, the moment before which it gets no
    attempt; those that are over stand there until the next sweep.
    """

    def __init__(
        self,
        prices: PriceList | None = None,
        reported: ReportedLatencies | None = None,
        facts: Facts | None = None,
        limits: TokenLimits | None = None,
    ) -> None:
        self.breaker = Breaker()
        self.budget = Budget()
        self.rivals = Allowance()
        self.keepers = Keepers()
        self._facts: Facts = {} if facts is None else facts
        self.prices = prices or PriceList()
        self.reported = reported
        self.limits = limits or TokenLimits()
        self.measured = MeasuredLatencies()
        self._lengths = Lengths()
        self.holds: Mapping[str, float] = MappingProxyType({})
        self._limited: frozenset[str] = frozenset()
        self._unnamed: dict[str, float] = {}
        self._calm = Snapshot(taken_at=0.0)
        self.photograph(0.0)

    def take_over(self, old: Board, now: float, *, other: frozenset[str] = frozenset()) -> None:
        """Goes on with all that ``old`` has learned of models, and with what sources that stay have said to it.

        Configured prices and facts stay one's own. ``other``: models that are reached elsewhere now, so that promises
        and failures of that name are forgotten.
        """
        self.prices.take_over(old.prices)
        if self.reported is not None and old.reported is not None:
            self.reported.take_over(old.reported)
        self.breaker, self.budget, self.keepers = old.breaker, old.budget, old.keepers
        self.rivals = old.rivals
        self.measured, self._lengths = old.measured, old._lengths
        self.holds = MappingProxyType({name: until for name, until in old.holds.items() if name not in other})
        self._limited, self._unnamed = old._limited - other, old._unnamed
        self.breaker.forget(other)
        self.limits.take_over(old.limits)
        self.photograph(now)

    def snapshot(self, now: float) -> Snapshot:
        """Everything known at ``now`` (monotonic seconds), as of the last photograph.

        Until the next one, and as long as no model is held, it is the same object: what was worked out from it holds.
        """
        ejected = self.breaker.ejected
        if not self.holds and not ejected:
            return self._calm
        return replace(self._calm, taken_at=now, holds=self.holds, ejected=ejected)

    def photograph(self, now: float) -> None:
        """From now on snapshots show the numbers of this moment (monotonic seconds)."""
        reported, measured = self.reported, self.measured
        self._calm = Snapshot(
            now,
            self.prices.at(now),
            measured.at(now, is_large=False) if reported is None else reported.at(now),
            large_latencies=measured.at(now, is_large=True) if reported is None else None,
            bytes_per_token=self._lengths.bytes_per_token(),
            output_tokens=self._lengths.output_tokens(),
            explores=reported is None,
            facts=self._facts,
        )

    def learn(self, served: Sequence[Served], now: float) -> None:
        """Takes answers into account; they are in the next photograph."""
        self.measured.learn(served, now)
        self._lengths.learn(served)

    def free_in_s(self, model: str, now: float) -> float:
        """Seconds until ``model`` may be asked again: the promise to its provider, its ejection; 0 when it may now."""
        return max(self.holds.get(model, 0.0) - now, self.breaker.ejected.get(model, 0.0) - now, 0.0)

    def closed(self, model: str, now: float) -> Literal["held", "ejected"] | None:
        """Why ``model`` must not be asked now, None when it may."""
        if self.holds and self.holds.get(model, 0.0) > now:
            return "held"
        return "ejected" if self.breaker.is_closed_to(model, now) else None

    def is_crowded(self, model: str, now: float) -> bool:
        """Has ``model`` just become well, and as many requests as it may have at once?"""
        return self.breaker.is_crowded(model, now)

    def pays(self, model: str, now: float, *, is_retry: bool) -> bool:
        """May ``model`` be asked after another attempt of the same request, or although it is ejected?

        Free where it is another, healthy one, or one that answered in between.
        """
        is_free = not is_retry and (self.is_healthy(model, now) or self.breaker.flaps(model))
        return is_free or self.budget.pays(now)

    def is_healthy(self, model: str, now: float) -> bool:
        """Is ``model`` neither held nor ejected, and have at most a fifth of its latest attempts failed?"""
        return self.holds.get(model, 0.0) <= now and self.breaker.is_healthy(model, now)

    def reasons(self, model: str) -> bool:
        """Is ``model`` known to think before it answers?"""
        can = self._facts.get(model)
        return can is not None and can.reasoning is True

    def throttle(self, model: str, hold: Hold | None, *, now: float, jitter: float) -> None:
        """A provider asked for patience. Without a named time: 1 s, doubling to 60 s, times ``jitter`` (0.8..1.2)."""
        if hold is None:
            base = self._unnamed.pop(model, FIRST_UNNAMED_HOLD_S)
            if len(self._unnamed) >= REMEMBERED:
                # Callers make up names where a wildcard provider serves any: the one longest ago is forgotten.
                del self._unnamed[next(iter(self._unnamed))]
            self._unnamed[model] = min(base * 2, LONGEST_UNNAMED_HOLD_S)
            hold = Hold(base * jitter)
        self.hold(model, hold, now=now)
        self._limited |= {model}

    def is_rate_limited(self, model: str) -> bool:
        """Is ``model`` held because its provider limits the rate, and not because it is in trouble?"""
        return model in self._limited

    def hold(self, model: str, hold: Hold, *, now: float) -> None:
        """No attempt on ``model`` before ``hold`` is over. A hold only grows."""
        until = max(now + hold.seconds, self.holds.get(model, 0.0))
        alive = {name: moment for name, moment in self.holds.items() if moment > now}
        self.holds = MappingProxyType({**alive, model: until})
        self._limited = self._limited & alive.keys() - {model}

    def release(self, now: float) -> tuple[str, ...]:
        """An operator knows better: every promise is forgotten. Those that were held, callers' own keys left out."""
        held = tuple(name for name, until in self.holds.items() if until > now and " " not in name)
        self.holds, self._limited = MappingProxyType({}), frozenset()
        self._unnamed.clear()
        return held

    def answered(self, model: str) -> None:
        """A model answered: its next unnamed hold is short again. A promise still stands."""
        if self._unnamed:
            self._unnamed.pop(model, None)

    def sweep(self, now: float) -> None:
        """Forgets what is over, and photographs numbers that change or age; called about twice a second."""
        self.breaker.sweep(now)
        if self.prices.is_live or self.reported is not None or self.measured.is_live:
            self.photograph(now)
        if self.holds and not any(moment > now for moment in self.holds.values()):
            self.holds = MappingProxyType({})
            self._limited = frozenset()
