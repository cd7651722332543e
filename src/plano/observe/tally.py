"""What is counted within a stretch of time: of all requests, of a model, of a route.

Unknown is never counted as 0: answers whose tokens or cost nobody told are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plano.observe.alike import Alike
from plano.observe.entry import Entry
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

    def add(self, group: Alike) -> None:
        """More requests."""
        one, count = group.one, len(group.entries)
        self.requests += count
        self.errors += one.failed * count
        self.seconds.add(group.seconds)
        if group.choice is not None:
            self.degraded += (group.choice.router == "degraded") * count
            self.fallbacks += group.fell_back * count
        if one.attempts and one.attempts[0].seconds is not None:
            self.overhead.add([each.attempts[0].began_s - each.arrived_s for each in group.entries if each.attempts])
        if one.served_by is not None:
            self.answers += count
            self.first_token.add(group.first_tokens_s)
            _add_account(self, group)

    @classmethod
    def of(cls, parts: Iterable[Tally]) -> Tally:
        """All of them together."""
        whole, every = cls(), tuple(parts)
        for name in (*_NUMBERS, "cost_usd"):
            setattr(whole, name, sum([getattr(part, name) for part in every]))
        for name in ("first_token", "seconds", "overhead"):
            setattr(whole, name, Spread.of([getattr(part, name) for part in every]))
        return whole


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

    def add_attempts(self, ending: str, count: int, seconds: Sequence[float]) -> None:
        """More attempts that ended alike, or, where they took no time, as many times it was passed over."""
        self.throttled += (ending in _THROTTLED) * count
        self.attempts += len(seconds)
        self.ok += (ending == _OK) * len(seconds)
        self.seconds.add(seconds)

    def add_answers(self, group: Alike) -> None:
        """More answers."""
        self.served += len(group.entries)
        _add_account(self, group)
        if group.one.first_token_s is not None:
            for entry in group.entries:
                self._add_stream(entry, entry.first_token_s or 0.0)

    def _add_stream(self, entry: Entry, first_token_s: float) -> None:
        if entry.attempts and entry.attempts[-1].seconds is not None:
            self.first_token.add((entry.attempts[-1].seconds,))
        output = entry.usage.output_tokens if entry.usage is not None else None
        if output is not None and entry.seconds > first_token_s:
            self.generated += output
            self.generating_s += entry.seconds - first_token_s

    @classmethod
    def of(cls, parts: Iterable[ModelTally]) -> ModelTally:
        """All of them together."""
        whole, every = cls(), tuple(parts)
        for name in (*_MODEL_NUMBERS, "cost_usd", "generating_s"):
            setattr(whole, name, sum([getattr(part, name) for part in every]))
        for name in ("first_token", "seconds"):
            setattr(whole, name, Spread.of([getattr(part, name) for part in every]))
        return whole


def _add_account(tally: Tally | ModelTally, answered: Alike) -> None:
    """What answers used and cost, as far as it is known."""
    tally.uncosted += len(answered.entries) - len(answered.costs_usd)
    tally.cost_usd += sum(answered.costs_usd)
    tally.input_tokens += answered.tokens[0]
    tally.output_tokens += answered.tokens[1]
