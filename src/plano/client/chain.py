"""The loop over a decision's models, around the user's own function: the very loop that the gateway drives.

What failed is remembered from one run to the next: a provider's "come back later" is kept, a model that fails again and
again is left alone for a while.
"""

from __future__ import annotations

from collections.abc import Generator
from threading import Lock
from typing import Final

from plano import clock
from plano.catalog import shipped
from plano.catalog.shipped import Catalog
from plano.client.decision import RoutingDecision
from plano.client.endings import outcome_of_error
from plano.conduct import Conduct
from plano.dispatch.flow import Terms, Told, fall_back
from plano.domain.attempt import Answered, Attempt, Outcome, Pause, Receipt, Refused
from plano.domain.decision import Candidate, Decision
from plano.domain.failover import Failover, FirstToken
from plano.domain.intent import SKIPPED
from plano.domain.model import Endpoint, Model, Origin
from plano.errors import ChainFailed
from plano.signals.board import Board
from plano.signals.breaker import Permit

DEADLINE_S = 300.0
FIRST_TOKEN_S = 10.0
MAX_RETRIES = 1

_THEIR_BUSINESS: Final = Endpoint(Origin("https", "", 443), "", "")
"""Where a model is reached is known to the function that calls it."""

Steps = Generator[Attempt | Pause, Told, Receipt]


class Callee(str):
    """The model to call, by its name. ``limit_s``: how long that may take in all.

    ``first_token_s``: how long without a first sign of an answer; to be given to the client as its timeout for reading.
    """

    __slots__ = ("first_token_s", "limit_s")

    limit_s: float
    first_token_s: float

    @classmethod
    def of(cls, attempt: Attempt) -> Callee:
        """The one that an attempt goes to."""
        callee = cls(attempt.candidate.model.name)
        callee.limit_s = attempt.limit_s
        callee.first_token_s = min(attempt.limit_s, attempt.first_token_s or attempt.limit_s)
        return callee


class Chains:
    """Begins chains, and keeps what they learn of models. Safe in threads."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.board = Board()
        self._catalog: Catalog | None = None

    def begin(self, decision: RoutingDecision, *, deadline_s: float, max_retries: int, first_token_s: float) -> Chain:
        """One run over the models of ``decision``."""
        now = clock.SystemClock.monotonic()
        limits = Failover(first_token=FirstToken(first_token_s, first_token_s, first_token_s))
        conduct = Conduct(self.board, clock.SystemClock(), clock.jitter, failover=limits)
        with self.lock:
            self.board.sweep(now)
            self.board.budget.started(now)
            ranked = self._decision(decision)
        terms = Terms(now + deadline_s, max_retries, is_stream=True)
        return Chain(fall_back(ranked, terms, conduct), conduct, self.lock)

    def _decision(self, decision: RoutingDecision) -> Decision:
        if self._catalog is None:
            self._catalog = shipped.load()
        candidates = [Candidate(self._model(name, self._catalog), rank) for rank, name in enumerate(decision.models, 1)]
        return Decision(decision.route, decision.trace_id, tuple(candidates), SKIPPED)

    @staticmethod
    def _model(name: str, catalog: Catalog) -> Model:
        """A model with the longest prompt that it is known to take."""
        provider, _, model_id = name.partition("/")
        found = catalog.find(name)
        limit = None if found is None else found.entry.capabilities.prompt_limit
        return Model(name, provider, model_id, _THEIR_BUSINESS, prompt_limit=limit)


class Chain:
    """One run: says whom to call and how long to wait, and is told how that ended.

    ``next`` is a Callee, seconds to wait, or None once ``answered``. A failed run raises.
    """

    def __init__(self, steps: Steps, conduct: Conduct, lock: Lock) -> None:
        self._steps = steps
        self._conduct = conduct
        self._lock = lock
        self._permit: Permit | None = None
        self._last: Exception | None = None
        self.next: Callee | float | None = None
        self._go_on(None)

    def waited(self) -> None:
        """The wait is over."""
        self._go_on(None)

    def answered(self) -> None:
        """The call went well."""
        self._end(Answered(200))

    def failed(self, error: Exception) -> None:
        """The call raised ``error``. Raises it again where nobody else may be asked, or no model is to blame."""
        outcome = outcome_of_error(error, clock.SystemClock.wall())
        if outcome is None:
            self.left()
            raise error
        self._last = error
        self._end(outcome)

    def left(self) -> None:
        """The call was given up, and says nothing about its model."""
        if self._permit is not None:
            with self._lock:
                self._conduct.left(self._permit)

    def _end(self, outcome: Outcome) -> None:
        assert self._permit is not None
        with self._lock:
            self._conduct.note(self._permit, outcome)
        self._permit = None
        self._go_on(outcome)

    def _go_on(self, outcome: Outcome | None) -> None:
        with self._lock:
            try:
                step = self._steps.send(outcome)
            except StopIteration as end:
                receipt: Receipt = end.value
            else:
                if isinstance(step, Attempt):
                    self._permit = self._conduct.begin(step.candidate.model.name)
                    self.next = Callee.of(step)
                else:
                    self.next = step.seconds
                return
        self.next = None
        if isinstance(receipt.outcome, Refused) and self._last is not None:
            raise self._last
        if isinstance(receipt.error, ChainFailed):
            raise receipt.error from self._last
