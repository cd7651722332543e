"""What is counted within a stretch of time: of all requests, of a model, of a route.

Unknown is never counted as 0: answers whose tokens or cost nobody told are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plano.observe.entry import Attempted, Entry, Explained
from plano.observe.quantile import Spread

_OK = "200"
_THROTTLED = ("429", "held")


_NUMBERS = ("requests", "errors", "answers", "uncosted", "fallbacks", "degraded", "input_tokens", "output_tokens")
_MODEL_NUMBERS = ("attempts", "ok", "throttled", "served", "uncosted", "input_tokens", "output_tokens", "generated")


class Tally:
    """Of the requests of one route, or of several together.

    ``answers``: given by a model; the rest were decisions and errors. ``uncosted`` of them have no known cost, which
    ``cost_usd`` leaves out. ``overhead``: seconds from the whole request to its first attempt: the gateway's own.
    """

    __slots__ = (
        *("answers", "cost_usd", "degraded", "errors", "fallbacks", "first_token", "input_tokens", "output_tokens"),
        *("overhead", "requests", "seconds", "uncosted"),
    )

    def __init__(self) -> None:
        self.requests = self.errors = self.answers = self.uncosted = self.fallbacks = self.degraded = 0
        self.input_tokens = self.output_tokens = 0
        self.cost_usd = 0.0
        self.first_token, self.seconds, self.overhead = Spread(), Spread(), Spread()

    def add(self, entry: Entry) -> None:
        """One more request."""
        self.requests += 1
        self.errors += entry.failed
        self.seconds.add(entry.seconds)
        if entry.decision is not None:
            self._add_decision(entry.decision, entry.attempts)
        if entry.attempts and entry.attempts[0].seconds is not None:
            self.overhead.add(entry.attempts[0].began_s - entry.arrived_s)
        if entry.served_by is not None:
            self._add_answer(entry)

    @classmethod
    def of(cls, parts: Iterable[Tally]) -> Tally:
        """All of them together."""
        whole, every = cls(), tuple(parts)
        for name in (*_NUMBERS, "cost_usd"):
            setattr(whole, name, sum([getattr(part, name) for part in every]))
        for name in ("first_token", "seconds", "overhead"):
            setattr(whole, name, Spread.of([getattr(part, name) for part in every]))
        return whole

    def _add_decision(self, decision: Explained, attempts: Sequence[Attempted] | None) -> None:
        self.degraded += decision.router == "degraded"
        self.fallbacks += bool(attempts) and attempts is not None and attempts[-1].model != decision.models[0]

    def _add_answer(self, entry: Entry) -> None:
        self.answers += 1
        if entry.first_token_s is not None:
            self.first_token.add(entry.first_token_s)
        if entry.usage is not None:
            self.input_tokens += entry.usage.input_tokens or 0
            self.output_tokens += entry.usage.output_tokens or 0
        if entry.cost_usd is None:
            self.uncosted += 1
        else:
            self.cost_usd += entry.cost_usd


class ModelTally:
    """Of one model: its ``attempts`` and how they ended, and the answers it ``served``.

    ``throttled``: told to wait, or passed over because of it. ``generating_s``: seconds in which ``output_tokens`` of
    streams came.
    """

    __slots__ = (
        *("attempts", "cost_usd", "first_token", "generated", "generating_s", "input_tokens", "ok", "output_tokens"),
        *("seconds", "served", "throttled", "uncosted"),
    )

    def __init__(self) -> None:
        self.attempts = self.ok = self.throttled = self.served = self.uncosted = 0
        self.input_tokens = self.output_tokens = self.generated = 0
        self.cost_usd = self.generating_s = 0.0
        self.first_token, self.seconds = Spread(), Spread()

    def add_attempt(self, attempt: Attempted) -> None:
        """One more attempt, or a time it was passed over."""
        self.throttled += attempt.ending in _THROTTLED
        if attempt.seconds is not None:
            self.attempts += 1
            self.ok += attempt.ending == _OK
            self.seconds.add(attempt.seconds)

    def add_answer(self, entry: Entry) -> None:
        """One more answer."""
        self.served += 1
        if entry.cost_usd is None:
            self.uncosted += 1
        else:
            self.cost_usd += entry.cost_usd
        output = entry.usage.output_tokens if entry.usage is not None else None
        if entry.usage is not None:
            self.input_tokens += entry.usage.input_tokens or 0
            self.output_tokens += output or 0
        if entry.first_token_s is None:
            return
        if entry.attempts and entry.attempts[-1].seconds is not None:
            self.first_token.add(entry.attempts[-1].seconds)
        if output is not None and entry.seconds > entry.first_token_s:
            self.generated += output
            self.generating_s += entry.seconds - entry.first_token_s

    @classmethod
    def of(cls, parts: Iterable[ModelTally]) -> ModelTally:
        """All of them together."""
        whole, every = cls(), tuple(parts)
        for name in (*_MODEL_NUMBERS, "cost_usd", "generating_s"):
            setattr(whole, name, sum([getattr(part, name) for part in every]))
        for name in ("first_token", "seconds"):
            setattr(whole, name, Spread.of([getattr(part, name) for part in every]))
        return whole
