"""The product on one screen: ``decide`` says who should serve a request, ``complete`` has it served.

    routes    the request's own, or the configured ones
    tie       a session, or a response that is kept: may decide alone
    intent    what does the caller want?            asked of the classifier
    snapshot  one frozen photograph of every live number
    ranking   who may serve it, in which order
    decision  the ranked models, the route, the reasons

No other function knows the whole path.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from typing import Any

import msgspec

from plano.conduct import Conduct, OfRequest, keyed_alike, names_for
from plano.dispatch.flow import Terms, Told, fall_back
from plano.domain.attempt import (
    Abandoned,
    Answered,
    Attempt,
    Outcome,
    Outpaced,
    Pause,
    Raced,
    Receipt,
    Refused,
    Unfit,
)
from plano.domain.decision import Decision
from plano.domain.intent import NO_ROUTES, NO_USER_TURN, ROUTING_OFF, Intent, Question
from plano.domain.issued import NOTHING_ISSUED
from plano.domain.model import Model
from plano.domain.request import Call, ChatRequest, Wishes
from plano.errors import PlanoError
from plano.policy import Policy
from plano.ports import Answer, Clock, Upstream, nothing_issued
from plano.race import race
from plano.ranking.conclude import conclude
from plano.ranking.estimate import input_tokens
from plano.ranking.rank import Rankings
from plano.signals.board import Board
from plano.signals.breaker import Permit
from plano.signals.metering import MeteredUpstream
from plano.ties import Subject, Ties
from plano.wire.repeatable import is_repeatable

SHORTEST_WAIT_S = 0.001

Performed = tuple[Outcome, Answer | None, Permit | None]
"""How an attempt ended, its answer where there is one, and a permit where that is a stream that has only begun."""


def _nobody(_receipt: Receipt) -> None:
    """Nobody wants to know."""


def _abandoned(flow: Generator[Attempt | Pause, Told, Receipt], reason: BaseException) -> Receipt:
    """The receipt of a chain that was given up: its caller has left, unless it is a defect that ended it."""
    try:
        flow.send(Abandoned("internal_error" if isinstance(reason, Exception) else "client_closed"))
    except StopIteration as end:
        receipt: Receipt = end.value
        return receipt
    raise AssertionError("nobody is asked once a chain is given up")


class Completion(msgspec.Struct, frozen=True):
    """How a request was served. ``answer``: what the caller gets, None when the chain failed.

    ``permit``: of a stream that has only begun, so that its end can be told; else None.
    """

    receipt: Receipt
    answer: Answer | None
    permit: Permit | None = None


class Gateway:
    """Decides and completes under one policy. Time, chance and the outside arrive as arguments.

    ``passes_keys``: is there a model that is sent the callers' own keys?
    """

    def __init__(self, policy: Policy, *, board: Board, clock: Clock, jitter: Callable[[], float]) -> None:
        self.policy = policy
        self._board = board
        self._clock = clock
        self._conduct = Conduct(
            board,
            clock,
            jitter,
            failover=policy.failover,
            keyed_alike=keyed_alike(policy.models.models.values()),
        )
        self._rankings = Rankings(policy.models, exploration=policy.exploration)
        models = policy.models
        self.passes_keys = any(
            each.endpoint.passthrough_auth for each in (*models.models.values(), *models.wildcards.values())
        )
        self._ties = Ties(policy, board=board, clock=clock, rankings=self._rankings)

    def decide(self, request: ChatRequest, wishes: Wishes) -> Generator[Question, Intent, Decision]:
        """Yields at most one question for the classifier, is sent the intent, and returns the decision.

        Raises ModelNotFound when the request's own model is not declared: it is the fallback of every decision; and
        InvalidRequest when the request goes on from a response that whoever is to be asked does not keep.
        """
        own = self.policy.models.resolve(request.model)
        table = request.preferences if request.preferences is not None else self.policy.routes
        tie = None
        if wishes.session is not None or request.continues is not None:
            tie = self._ties.of(Subject(request, own, table, wishes.trace_id), wishes)
            pinned = None if tie is None else tie.pinned()
            if pinned is not None:
                return pinned
        if wishes.routing_off:
            intent = ROUTING_OFF
        elif not table.routes:
            intent = NO_ROUTES
        elif not request.conversation.has_user_turn:
            intent = NO_USER_TURN
        else:
            intent = yield Question(request.conversation, table.routes)
        snapshot = self._board.snapshot(self._clock.monotonic())
        route = table.find(intent.route) if intent.route is not None else None
        ranking = self._rankings.of(route, snapshot, own=own, needs=request.needs, trace_id=wishes.trace_id)
        if tie is not None:
            return tie.decided(route, ranking, intent, snapshot)
        return conclude(wishes.trace_id, route, ranking, intent, None)

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

        Cancelled, or ended by a defect, it tells ``left`` what had been tried by then: attempts that a provider may
        bill.
        """
        conduct = self._conduct
        self._board.budget.started(self._clock.monotonic())
        if call.credential is not None or call.metered is not None or self.policy.failover.hedging is not None:
            conduct, upstream = self._of_request(call, decision, upstream)
        flow = fall_back(decision, self._terms(call, decision), conduct)
        told: Told
        answer, permit, begun = None, None, None
        try:
            step = next(flow)
            while True:
                if type(step) is not Attempt:
                    assert isinstance(step, Pause)
                    await self._wait(step.seconds)
                    step = flow.send(None)
                    continue
                if step.rival is None:
                    begun = conduct.begin(step.candidate.model.name)
                    told, given = await upstream.perform(step, call)
                    permit = _noted(begun, told, given, conduct)
                    begun = None
                else:
                    told, given, permit = await self._race(step, call, upstream, conduct)
                if type(told) is not Unfit:
                    # Nothing was sent: the refusal of the one asked before may still be what the caller is told.
                    answer = given
                step = flow.send(told)
        except StopIteration as end:
            receipt: Receipt = end.value
        except BaseException as reason:
            if begun is not None:
                conduct.left(begun)
            left(_abandoned(flow, reason))
            raise
        is_told = type(receipt.outcome) is Answered or type(receipt.outcome) is Refused
        if is_told and permit is None and answer is not None and answer.issued is not nothing_issued:
            self._remember(receipt, answer)
        return Completion(receipt, answer if is_told else None, permit)

    def _of_request(self, call: Call, decision: Decision, upstream: Upstream) -> tuple[Conduct, Upstream]:
        """How models are treated, and attempts performed, where not all requests are alike."""
        hedging = self.policy.failover.hedging
        if hedging is not None:
            self._board.rivals.earn(hedging.share)
        conduct, asked = self._conduct, [each.model for each in decision.ranked]
        meter = None if call.metered is None else self._board.limits.meter(call.metered, asked)
        names = names_for(call.credential, asked)
        if names or meter is not None:
            conduct = OfRequest(conduct, names, meter)
        return conduct, upstream if meter is None else MeteredUpstream(upstream, meter, self._clock)

    def ended(self, completion: Completion, broken: PlanoError | None, *, has_left: bool = False) -> None:
        """A completion is handed over: whole, ``broken`` off, or its caller has left. Called once for each."""
        permit = completion.permit
        if permit is None:
            return
        if has_left:
            self._conduct.left(permit)
            return
        if broken is None and completion.answer is not None:
            self._remember(completion.receipt, completion.answer)
        self._conduct.ended(permit, broken)

    def _remember(self, receipt: Receipt, answer: Answer) -> None:
        """Who can take back what is in the answer."""
        issued = answer.issued()
        if issued is not NOTHING_ISSUED:
            self._board.keepers.note(issued, self.policy.models.resolve(receipt.model))

    async def _attempt(self, attempt: Attempt, call: Call, upstream: Upstream, conduct: Conduct) -> Performed:
        """How one attempt of two ended; with a permit where a stream has only begun."""
        permit = conduct.begin(attempt.candidate.model.name)
        try:
            outcome, answer = await upstream.perform(attempt, call)
        except BaseException:
            conduct.left(permit)
            raise
        return outcome, answer, _noted(permit, outcome, answer, conduct)

    async def _race(
        self, attempt: Attempt, call: Call, upstream: Upstream, conduct: Conduct
    ) -> tuple[Told, Answer | None, Permit | None]:
        """How an attempt ended, or it and its rival, and the answer of the one that has won."""
        rival = attempt.rival
        assert rival is not None

        def begin_rival() -> Coroutine[Any, Any, Performed] | None:
            if not conduct.takes_rival(rival.attempt.candidate.model.name):
                return None
            return self._attempt(rival.attempt, call, upstream, conduct)

        begun = self._attempt(attempt, call, upstream, conduct)
        ends = await race(begun, begin_rival, after_s=rival.after_s, wins=_has_won)
        if len(ends) == 1 and ends[0] is not None:
            return ends[0]
        winner = next((each for each in ends if each is not None and _has_won(each)), None)
        outcomes: list[Outcome] = []
        for each in ends:
            is_late = each is None or (_has_won(each) and each is not winner)
            outcomes.append(Outpaced() if each is None or is_late else each[0])
            if each is not None and is_late:
                _give_up(each, conduct)
        last = winner or next((each for each in reversed(ends) if each is not None), None)
        return Raced(*outcomes), None if last is None else last[1], None if winner is None else winner[2]

    async def _wait(self, seconds: float) -> None:
        """Comes back after ``seconds`` and never before: a promise to a provider ends no earlier than it says."""
        due = self._clock.monotonic() + seconds
        while (left := due - self._clock.monotonic()) > 0:
            await self._clock.sleep(max(left, SHORTEST_WAIT_S))

    def _terms(self, call: Call, decision: Decision) -> Terms:
        request, failover, buffers = call.request, self.policy.failover, decision.buffers_streams
        return Terms(
            call.received_at + failover.deadline_s,
            failover.max_retries,
            request.is_stream,
            request.is_stream and (failover.buffers_streams if buffers is None else buffers),
            request.needs.prompt_bytes,
            request.needs.reasoning,
            failover.hedging is not None and request.is_stream and is_repeatable(request.body, request.dialect),
            request.needs.kept,
        )


def _noted(permit: Permit, outcome: Outcome, answer: Answer | None, conduct: Conduct) -> Permit | None:
    """Notes how an attempt has ended; the permit itself where a stream has only begun, and ``ended`` will be told."""
    if answer is not None and type(answer.body) is not bytes:
        return permit
    conduct.note(permit, outcome)
    return None


def _has_won(performed: Performed) -> bool:
    """Is this what the caller gets?"""
    outcome = performed[0]
    return isinstance(outcome, Answered) or (isinstance(outcome, Refused) and not outcome.overflows)


def _give_up(performed: Performed, conduct: Conduct) -> None:
    """It came in the same moment as the one that is handed over."""
    _, answer, permit = performed
    if answer is not None:
        answer.close()
    if permit is not None:
        conduct.left(permit)
