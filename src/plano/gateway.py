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
from typing import Literal

import msgspec
from msgspec.structs import replace

from plano.dispatch.flow import Conditions, fall_back
from plano.domain.attempt import (
    Abandoned,
    Answered,
    Attempt,
    Failed,
    Outcome,
    Pause,
    Receipt,
    Refused,
    Throttled,
    Unfit,
)
from plano.domain.decision import Decision
from plano.domain.intent import SKIPPED, Intent, Question
from plano.domain.model import Model, ModelTable
from plano.domain.request import Call, ChatRequest, Wishes
from plano.domain.route import Route, RouteTable
from plano.domain.session import Affinity, Session
from plano.errors import InvalidRequest, ModelNotFound, PlanoError, StreamBroken
from plano.ports import Answer, Clock, Upstream
from plano.ranking.affinity import affinity_of, stay
from plano.ranking.continued import is_beside, kept_by
from plano.ranking.estimate import input_tokens
from plano.ranking.rank import EXPLORATION, Ranking, Rankings
from plano.signals.board import Board
from plano.signals.breaker import Permit
from plano.signals.metering import MeteredUpstream
from plano.signals.token_limits import Meter

SHORTEST_WAIT_S = 0.001


def _nobody(_receipt: Receipt) -> None:
    """Nobody wants to know."""


def _abandoned(flow: Generator[Attempt | Pause, Outcome | None, Receipt]) -> Receipt:
    """The receipt of a chain whose caller has left."""
    try:
        flow.send(Abandoned())
    except StopIteration as end:
        receipt: Receipt = end.value
        return receipt
    raise AssertionError("nobody is asked for a caller who has left")


class Policy(msgspec.Struct, frozen=True):
    """What one configuration means for deciding: the models, the routes, and the seconds a whole chain may take.

    ``max_retries``: on each model before the next one. ``exploration``: share of requests (0..1) that measure a model
    whose latency is not fresh.
    """

    models: ModelTable
    routes: RouteTable
    deadline_s: float = 300.0
    max_retries: int = 0
    exploration: float = EXPLORATION


class Completion(msgspec.Struct, frozen=True):
    """How a request was served. ``answer``: what the caller gets, None when the chain failed.

    ``permit``: of a stream that has only begun, so that its end can be told; else None.
    """

    receipt: Receipt
    answer: Answer | None
    permit: Permit | None = None


class Gateway:
    """Decides and completes under one policy. Time, chance and the outside arrive as arguments."""

    def __init__(self, policy: Policy, *, board: Board, clock: Clock, jitter: Callable[[], float]) -> None:
        self.policy = policy
        self._board = board
        self._clock = clock
        self._jitter = jitter
        self._rankings = Rankings(policy.models, exploration=policy.exploration)

    def decide(self, request: ChatRequest, wishes: Wishes) -> Generator[Question, Intent, Decision]:
        """Yields at most one question for the classifier, is sent the intent, and returns the decision.

        Raises ModelNotFound when the request's own model is not declared: it is the fallback of every decision; and
        InvalidRequest when the request goes on from a response that whoever is to be asked does not keep.
        """
        own = self.policy.models.resolve(request.model)
        keeper = None if request.continues is None else self._keeper(request.continues, own, wishes)
        table = request.preferences if request.preferences is not None else self.policy.routes
        session = None if wishes.routing_off else wishes.session
        if session is not None and session.binding is not None and keeper is None:
            pinned = self._stays(session, table, request, own=own, trace_id=wishes.trace_id)
            if pinned is not None:
                return pinned
        intent = SKIPPED
        if table.routes and request.conversation.has_user_turn and not wishes.routing_off:
            intent = yield Question(request.conversation, table.routes)
        snapshot = self._board.snapshot(self._clock.monotonic())
        route = table.find(intent.route) if intent.route is not None else None
        ranking = self._rankings.of(route, snapshot, own=own, needs=request.needs, trace_id=wishes.trace_id)
        if keeper is not None:
            ranking = kept_by(keeper, ranking, snapshot, request.needs)
        affinity = None
        if session is not None:
            affinity = affinity_of(session, ranking, binds=intent.router == "ok" or not table.routes)
        return _decided(wishes.trace_id, route, ranking, intent, affinity)

    def _stays(
        self, session: Session, table: RouteTable, request: ChatRequest, *, own: Model, trace_id: str
    ) -> Decision | None:
        """The decision for a session whose model still can serve it: the router is not asked; None where it cannot."""
        assert session.binding is not None
        route = None
        if session.binding.route is not None:
            route = table.find(session.binding.route)
            if route is None:
                return None
        snapshot = self._board.snapshot(self._clock.monotonic())
        ranking = stay(session, self._rankings.of(route, snapshot, own=own, needs=request.needs))
        if ranking is None:
            return None
        return _decided(trace_id, route, ranking, SKIPPED, Affinity(session, is_pinned=True))

    def _keeper(self, response_id: str, own: Model, wishes: Wishes) -> Model | None:
        """The model that made a stored response; None when that is not known, and its provider must tell."""
        name = self._board.keepers.of(response_id)
        if name is None:
            return None
        try:
            keeper = self.policy.models.resolve(name)
        except ModelNotFound:
            said = f"previous_response_id: {name} made that response, and is not declared any more"
            raise InvalidRequest(said, param="previous_response_id") from None
        if wishes.routing_off and not is_beside(own, keeper):
            said = f"previous_response_id: the provider of {name} keeps that response, not that of {own.name}"
            raise InvalidRequest(said, param="previous_response_id")
        return keeper

    def estimated_tokens(self, model: Model, request: ChatRequest) -> int:
        """The tokens of the prompt, by what was learned of the model, else by a rule of thumb."""
        return input_tokens(model.name, request.needs, self._board.snapshot(self._clock.monotonic()))

    def sweep(self) -> None:
        """Forgets what is over; called about twice a second."""
        self._board.sweep(self._clock.monotonic())

    async def complete(
        self, call: Call, decision: Decision, upstream: Upstream, *, left: Callable[[Receipt], None] = _nobody
    ) -> Completion:
        """Tries the ranked models in order; the first good answer, or the caller's own mistake, is handed back.

        Cancelled, it tells ``left`` what had been tried by then: attempts that a provider may bill.
        """
        self._board.budget.started(self._clock.monotonic())
        conditions = self._conditions(call.received_at)
        if call.metered is not None:
            meter = self._board.limits.meter(call.metered, [each.model for each in decision.ranked])
            conditions = _limited(conditions, meter)
            upstream = MeteredUpstream(upstream, meter, self._clock)
        flow = fall_back(decision, conditions)
        answer: Answer | None = None
        permit: Permit | None = None
        try:
            step = next(flow)
            while True:
                if isinstance(step, Pause):
                    await self._wait(step.seconds)
                    step = flow.send(None)
                else:
                    outcome, given, permit = await self._attempt(step, call, upstream)
                    if not isinstance(outcome, Unfit):
                        # Nothing was sent: the refusal of the one asked before may still be what the caller is told.
                        answer = given
                    step = flow.send(outcome)
        except StopIteration as end:
            receipt: Receipt = end.value
        except BaseException:
            left(_abandoned(flow))
            raise
        if not isinstance(receipt.outcome, (Answered, Refused)):
            return Completion(receipt, None)
        if permit is None and answer is not None:
            self._remember(receipt.model, answer)
        return Completion(receipt, answer, permit)

    def ended(self, completion: Completion, broken: PlanoError | None, *, has_left: bool = False) -> None:
        """A completion is handed over: whole, ``broken`` off, or its caller has left. Called once for each."""
        permit, now = completion.permit, self._clock.monotonic()
        if permit is None:
            return
        board = self._board
        if broken is None and not has_left:
            if completion.answer is not None:
                self._remember(permit.model, completion.answer)
            board.answered(permit.model)
            board.breaker.succeeded(permit, now)
        elif isinstance(broken, StreamBroken) and broken.counts:
            board.breaker.failed(permit, now, jitter=self._jitter())
        else:
            if broken is not None and broken.code == "upstream_rate_limited":
                board.throttle(permit.model, None, now=now, jitter=self._jitter())
            board.breaker.left(permit)

    def _remember(self, model: str, answer: Answer) -> None:
        """Who keeps the answer, if its provider does."""
        kept = answer.kept()
        if kept is not None:
            self._board.keepers.note(kept, model)

    async def _attempt(
        self, attempt: Attempt, call: Call, upstream: Upstream
    ) -> tuple[Outcome, Answer | None, Permit | None]:
        """How one attempt ended; with a permit where a stream has only begun, which ``ended`` must be told of."""
        breaker = self._board.breaker
        permit = breaker.begin(attempt.candidate.model.name, self._clock.monotonic())
        try:
            outcome, answer = await upstream.perform(attempt, call)
        except BaseException:
            breaker.left(permit)
            raise
        if isinstance(outcome, Answered) and answer is not None and not isinstance(answer.body, bytes):
            return outcome, answer, permit
        self._note(permit, outcome)
        return outcome, answer, None

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
            closed=self._closed,
            pays=self._pays,
            deadline=received_at + self.policy.deadline_s,
            max_retries=self.policy.max_retries,
        )

    def _free_in_s(self, model: str) -> float:
        return self._board.free_in_s(model, self._clock.monotonic())

    def _closed(self, model: str) -> Literal["held", "ejected"] | None:
        return self._board.closed(model, self._clock.monotonic())

    def _pays(self, model: str, is_retry: bool) -> bool:
        return self._board.pays(model, self._clock.monotonic(), is_retry=is_retry)

    def _note(self, permit: Permit, outcome: Outcome) -> None:
        """What an attempt that is over says about its model."""
        board, model, now = self._board, permit.model, self._clock.monotonic()
        if isinstance(outcome, (Answered, Refused)):
            board.answered(model)
            board.breaker.succeeded(permit, now)
            return
        match outcome:
            case Throttled(hold):
                board.throttle(model, hold, now=now, jitter=self._jitter())
                board.breaker.left(permit)
            case Failed(_, verdict, hold):
                if hold is not None:
                    board.hold(model, hold, now=now)
                if verdict.counts:
                    board.breaker.failed(permit, now, jitter=self._jitter())
                else:
                    board.breaker.left(permit)
            case _:
                board.breaker.left(permit)


def _limited(conditions: Conditions, meter: Meter) -> Conditions:
    """The same world for a request with limits on tokens: models that it may be sent no more of are closed to it."""

    def wait_s(model: str) -> float:
        return meter.wait_s(model, conditions.now())

    return replace(
        conditions,
        free_in_s=lambda model: max(conditions.free_in_s(model), wait_s(model)),
        is_rate_limited=lambda model: conditions.is_rate_limited(model) or wait_s(model) > 0,
        closed=lambda model: conditions.closed(model) or ("limit" if wait_s(model) > 0 else None),
    )


def _decided(
    trace_id: str, route: Route | None, ranking: Ranking, intent: Intent, affinity: Affinity | None
) -> Decision:
    return Decision(
        route=route.name if route is not None else None,
        trace_id=trace_id,
        candidates=ranking.candidates,
        intent=intent,
        prefer=route.policy.prefer if route is not None else "none",
        weights=_weights(route),
        lift=ranking.lift,
        is_exploration=ranking.is_exploration,
        affinity=affinity,
    )


def _weights(route: Route | None) -> tuple[float, float] | None:
    if route is None or route.policy.prefer != "balanced":
        return None
    return route.policy.cost_weight, route.policy.latency_weight
