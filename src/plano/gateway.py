"""The product on one screen: ``decide`` says who should serve a request, ``complete`` has it served.

    routes    the request's own, or the configured ones
    intent    what does the caller want?            asked of the classifier
    snapshot  one frozen photograph of every live number
    ranking   who may serve it, in which order
    decision  the ranked models, the route, the reasons

No other function knows the whole path.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import msgspec

from plano.dispatch.flow import Conditions, fall_back
from plano.domain.attempt import Answered, Attempt, Failed, Outcome, Pause, Receipt, Refused, Throttled
from plano.domain.decision import Decision
from plano.domain.intent import SKIPPED, Intent, Question
from plano.domain.model import ModelTable
from plano.domain.request import Call, ChatRequest, Wishes
from plano.domain.route import RouteTable
from plano.ports import Answer, Clock, Upstream
from plano.ranking.rank import Rankings
from plano.signals.board import Board

SHORTEST_WAIT_S = 0.001


class Policy(msgspec.Struct, frozen=True):
    """What one configuration means for deciding: the models, the routes, and the seconds a whole chain may take."""

    models: ModelTable
    routes: RouteTable
    deadline_s: float = 300.0


class Completion(msgspec.Struct, frozen=True):
    """How a request was served. ``answer``: what the caller gets, None when the chain failed."""

    receipt: Receipt
    answer: Answer | None


class Gateway:
    """Decides and completes under one policy. Time, chance and the outside arrive as arguments."""

    def __init__(self, policy: Policy, *, board: Board, clock: Clock, jitter: Callable[[], float]) -> None:
        self.policy = policy
        self._board = board
        self._clock = clock
        self._jitter = jitter
        self._rankings = Rankings(policy.models)

    def decide(self, request: ChatRequest, wishes: Wishes) -> Generator[Question, Intent, Decision]:
        """Yields at most one question for the classifier, is sent the intent, and returns the decision.

        Raises ModelNotFound when the request's own model is not declared: it is the fallback of every decision.
        """
        own = self.policy.models.resolve(request.model)
        table = request.preferences if request.preferences is not None else self.policy.routes
        intent = SKIPPED
        if table.routes and request.conversation.has_user_turn and not wishes.routing_off:
            intent = yield Question(request.conversation, table.routes)
        snapshot = self._board.snapshot(self._clock.monotonic())
        route = table.find(intent.route) if intent.route is not None else None
        return Decision(
            route=route.name if route is not None else None,
            trace_id=wishes.trace_id,
            candidates=self._rankings.of(route, snapshot, own=own),
            intent=intent,
            prefer=route.policy.prefer if route is not None else "none",
        )

    def sweep(self) -> None:
        """Forgets promises to providers that are over; called about twice a second."""
        self._board.sweep(self._clock.monotonic())

    async def complete(self, call: Call, decision: Decision, upstream: Upstream) -> Completion:
        """Tries the ranked models in order; the first good answer, or the caller's own mistake, is handed back."""
        flow = fall_back(decision, self._conditions(call.received_at))
        answer: Answer | None = None
        try:
            step = next(flow)
            while True:
                if isinstance(step, Pause):
                    await self._wait(step.seconds)
                    step = flow.send(None)
                else:
                    outcome, answer = await upstream.perform(step, call)
                    self._note(step, outcome)
                    step = flow.send(outcome)
        except StopIteration as end:
            receipt: Receipt = end.value
        return Completion(receipt, answer if isinstance(receipt.outcome, Answered | Refused) else None)

    async def _wait(self, seconds: float) -> None:
        """Comes back after ``seconds`` and never before: a promise to a provider ends no earlier than it says."""
        due = self._clock.monotonic() + seconds
        while (left := due - self._clock.monotonic()) > 0:
            await self._clock.sleep(max(left, SHORTEST_WAIT_S))

    def _conditions(self, received_at: float) -> Conditions:
        return Conditions(
            now=self._clock.monotonic,
            jitter=self._jitter,
            free_in_s=self._free_in_s,
            is_rate_limited=self._board.is_rate_limited,
            deadline=received_at + self.policy.deadline_s,
        )

    def _free_in_s(self, model: str) -> float:
        return self._board.free_in_s(model, self._clock.monotonic())

    def _note(self, attempt: Attempt, outcome: Outcome) -> None:
        model, now = attempt.candidate.model.name, self._clock.monotonic()
        match outcome:
            case Answered():
                self._board.answered(model)
            case Throttled(hold):
                self._board.throttle(model, hold, now=now, jitter=self._jitter())
            case Failed(_, _, hold) if hold is not None:
                self._board.hold(model, hold, now=now)
