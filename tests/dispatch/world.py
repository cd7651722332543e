"""A world for the fallback loop, and how it is played there: outcomes go in, steps and the receipt come out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from plano.dispatch.flow import Terms, fall_back
from plano.dispatch.verdict import judge, outcome_of
from plano.domain.attempt import Hold, NoAnswer, Outcome, Pause, Receipt
from plano.domain.decision import Candidate, Decision
from plano.domain.intent import SKIPPED
from plano.domain.model import Endpoint, Model, Origin

ENDPOINT = Endpoint(Origin("http", "h", 1), "/", "h")


@dataclass
class World:
    """A clock that only moves when told to, the promises of providers, who is ejected, and what the budget has left.

    ``sick``: models that cost something after another one. ``first_token``: the limit for streams, twice as long where
    whoever is left is sick.
    """

    time: float = 0.0
    deadline: float = 300.0
    holds: dict[str, float] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    ejected: frozenset[str] = frozenset()
    crowded: frozenset[str] = frozenset()
    sick: frozenset[str] = frozenset()
    budget: int = 100
    max_retries: int = 0
    is_stream: bool = False
    first_token: float = 10.0
    rival_after: float | None = None
    is_bound: bool = False

    @property
    def terms(self) -> Terms:
        """What the chain may do."""
        may_race = self.rival_after is not None
        return Terms(
            self.deadline, self.max_retries, is_stream=self.is_stream, may_race=may_race, is_bound=self.is_bound
        )

    def now(self) -> float:
        """Seconds."""
        return self.time

    def jitter(self) -> float:
        """None."""
        return 1.0

    def is_calm(self) -> bool:
        """Nobody is kept back."""
        return not (self.holds or self.ejected or self.crowded)

    def free_in_s(self, model: str) -> float:
        """By the promises."""
        return max(0.0, self.holds.get(model, 0.0) - self.time)

    def is_rate_limited(self, model: str) -> bool:
        """All that are not broken."""
        return model not in self.broken

    def closed(self, model: str) -> Literal["held", "ejected"] | None:
        """Why a model must not be asked."""
        if self.holds.get(model, 0.0) > self.time:
            return "held"
        return "ejected" if model in self.ejected else None

    def is_crowded(self, model: str) -> bool:
        """As set."""
        return model in self.crowded

    def is_healthy(self, model: str) -> bool:
        """Free of charge."""
        return model not in self.sick

    def rival_after_s(self, model: Model, spare: Candidate, terms: Terms) -> float | None:
        """As set."""
        return self.rival_after

    def can_pay(self) -> bool:
        """Is anything left?"""
        return self.budget > 0

    def pays(self, model: str, *, is_retry: bool) -> bool:
        """One less, unless it is free."""
        if not is_retry and model not in self.sick | self.ejected:
            return True
        self.budget -= 1
        return self.budget >= 0

    def first_token_s(self, model: Model, terms: Terms, *, is_spare_healthy: bool) -> float:
        """Once or twice the limit."""
        return self.first_token if is_spare_healthy else 2 * self.first_token


def decision(*names: str) -> Decision:
    """A decision for these models, in this order; ``a:100`` is model a with a limit of 100 tokens.

    ``q/a`` is at host q, all others at one.
    """
    models = []
    for each in names:
        name, _, limit = each.partition(":")
        endpoint = replace(ENDPOINT, origin=Origin("http", name.partition("/")[0], 1)) if "/" in name else ENDPOINT
        models.append(Model(name, "p", name, endpoint, prompt_limit=int(limit) if limit else None))
    candidates = tuple(Candidate(model, place) for place, model in enumerate(models, start=1))
    return Decision("r", "0" * 32, candidates, SKIPPED)


def play(names: tuple[str, ...], *script: Outcome, world: World | None = None) -> tuple[list[str], Receipt]:
    """What was done, step by step, and the receipt; ``script`` holds the outcomes in order."""
    used = world or World()
    steps, done = fall_back(decision(*names), used.terms, used), []
    outcomes = iter(script)
    try:
        step = next(steps)
        while True:
            if isinstance(step, Pause):
                done.append(f"wait {step.seconds:g}")
                used.time += step.seconds
                step = steps.send(None)
            else:
                done.append(f"{step.candidate.model.name} {step.limit_s:g}")
                step = steps.send(next(outcomes))
    except StopIteration as end:
        receipt: Receipt = end.value
        assert next(outcomes, None) is None, "not every outcome was asked for"
        return done, receipt


def failed(ending: int | NoAnswer, hold_s: float | None = None) -> Outcome:
    """The outcome of an ending, by the table."""
    return outcome_of(judge(ending), ending, Hold(hold_s) if hold_s else None)


def code(receipt: Receipt) -> tuple[int, str]:
    """Status and code of a chain that failed."""
    assert receipt.error is not None
    return receipt.error.status, receipt.error.code
