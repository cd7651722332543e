"""What ties a request to a model: a session that goes on, or a response that only its maker keeps.

A session may decide without the classifier. Any other tie has its say once the wanted ranking is there.
"""

from __future__ import annotations

import msgspec

from plano.domain.decision import Decision
from plano.domain.intent import SKIPPED, Intent
from plano.domain.model import Model
from plano.domain.request import ChatRequest, Wishes
from plano.domain.route import Route, RouteTable
from plano.domain.session import Affinity, Session
from plano.domain.snapshot import Snapshot
from plano.errors import InvalidRequest, ModelNotFound
from plano.policy import Policy
from plano.ports import Clock
from plano.ranking import switching
from plano.ranking.affinity import affinity_of, stay
from plano.ranking.budgeted import Scene, within_budget
from plano.ranking.conclude import conclude
from plano.ranking.continued import kept_by
from plano.ranking.estimate import input_tokens
from plano.ranking.rank import Ranking, Rankings
from plano.signals.board import Board


class Subject(msgspec.Struct, frozen=True):
    """A request about which is decided. ``own``: the model it names. ``table``: the routes it is decided by."""

    request: ChatRequest
    own: Model
    table: RouteTable
    trace_id: str


class Ties:
    """Finds the tie of a request."""

    def __init__(self, policy: Policy, *, board: Board, clock: Clock, rankings: Rankings) -> None:
        self._policy = policy
        self._board = board
        self._clock = clock
        self._rankings = rankings

    def of(self, subject: Subject, wishes: Wishes) -> Tie | None:
        """What ties the request, None where nothing does.

        Raises InvalidRequest when it goes on from a response that whoever is to be asked does not keep.
        """
        continues = subject.request.continues
        keeper = None if continues is None else self._keeper(continues, subject.own, wishes)
        session = None if wishes.routing_off else wishes.session
        if keeper is None and session is None:
            return None
        terms = None if session is None else switching.tightened(self._policy.switching, wishes.switch_share)
        return Tie(subject, session, keeper, terms, self)

    def snapshot(self) -> Snapshot:
        """Every live number, now."""
        return self._board.snapshot(self._clock.monotonic())

    def bound(self, session: Session, subject: Subject, snapshot: Snapshot) -> tuple[Route | None, Ranking | None]:
        """The route a session is bound to, and its ranking with the session's model in front; None where it cannot."""
        binding, request = session.binding, subject.request
        route = subject.table.find(binding.route) if binding is not None and binding.route is not None else None
        if binding is None or (route is None and binding.route is not None):
            return None, None
        return route, stay(session, self._rankings.of(route, snapshot, own=subject.own, needs=request.needs))

    def _keeper(self, response_id: str, own: Model, wishes: Wishes) -> Model | None:
        """The model that made a stored response; None when that is not known, and its provider must tell."""
        name = self._board.keepers.of(response_id)
        if name is None:
            return None
        try:
            keeper = self._policy.models.resolve(name)
        except ModelNotFound:
            said = f"previous_response_id: {name} made that response, and is not declared any more"
            raise InvalidRequest(said, param="previous_response_id") from None
        if wishes.routing_off and not own.is_beside(keeper):
            said = f"previous_response_id: the provider of {name} keeps that response, not that of {own.name}"
            raise InvalidRequest(said, param="previous_response_id")
        return keeper


class Tie(msgspec.Struct, frozen=True):
    """The tie of one request. ``keeper``: of the response that it goes on from, None where none is known.

    ``terms``: what it may cost the session to leave its model, None where it stays as long as that model can serve it.
    """

    subject: Subject
    session: Session | None
    keeper: Model | None
    terms: switching.Terms | None
    ties: Ties

    def pinned(self) -> Decision | None:
        """The decision for a session that simply stays: the classifier is not asked. None where it must be."""
        session = self.session
        if session is None or session.binding is None or not session.stays:
            return None
        if self.keeper is not None or self.terms is not None:
            return None
        return self._staying(session, self.ties.snapshot(), SKIPPED)

    def decided(self, route: Route | None, wanted: Ranking, intent: Intent, snapshot: Snapshot) -> Decision:
        """The decision, where ``route`` with the ranking ``wanted`` would be it without the tie."""
        subject, session, ranking = self.subject, self.session, wanted
        if self.keeper is not None:
            ranking = kept_by(self.keeper, wanted, snapshot, subject.request.needs)
        if session is None:
            return conclude(subject.trace_id, route, ranking, intent, None)
        affinity = affinity_of(session, ranking, binds=intent.router == "ok" or not subject.table.routes)
        decided = conclude(subject.trace_id, route, ranking, intent, affinity)
        if self.terms is None or self.keeper is not None:
            return decided
        if not affinity.binds:
            # The router chose nothing, because it failed or was not asked: that is no reason to leave.
            return self._staying(session, snapshot, intent) or decided
        bound_route, bound = self.ties.bound(session, subject, snapshot)
        tokens = input_tokens(ranking.candidates[0].model.name, subject.request.needs, snapshot)
        scene = Scene(snapshot, tokens, decided.route)
        weighed, affinity = within_budget(session, ranking, bound, self.terms, scene)
        is_retained = affinity.switch is not None and affinity.switch.is_retained
        return conclude(subject.trace_id, bound_route if is_retained else route, weighed, intent, affinity)

    def _staying(self, session: Session, snapshot: Snapshot, intent: Intent) -> Decision | None:
        """The decision for a session whose model still can serve it; None where it cannot."""
        route, ranking = self.ties.bound(session, self.subject, snapshot)
        if ranking is None:
            return None
        return conclude(self.subject.trace_id, route, ranking, intent, Affinity(session, is_pinned=True))
