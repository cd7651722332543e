"""How models are treated: what may be asked of them now, and what the endings of attempts say about them.

``dispatch.flow`` asks, whoever performs attempts tells. What is learned stays on the board, from request to request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from msgspec.structs import replace

from plano.dispatch.flow import Terms
from plano.domain.attempt import Answered, Failed, Outcome, Refused, Throttled
from plano.domain.decision import Candidate
from plano.domain.failover import Failover
from plano.domain.model import Model, Origin
from plano.domain.secret import Secret
from plano.domain.snapshot import LARGE_PROMPT_BYTES
from plano.errors import PlanoError, StreamBroken
from plano.ports import Clock
from plano.signals.board import Board
from plano.signals.breaker import Permit
from plano.signals.token_limits import Meter

PATIENCE = 3.0
"""How many times as long as 99 of 100 first tokens of a model took the next one may take."""

TAIL = 0.99
LATE = 0.95
"""The share of first tokens after which one is late, so that another model may be asked beside."""

PATIENCE_KEPT_S = 1.0
"""For so long it is not worked out again: it is on the path of every stream that has somebody else left."""

REMEMBERED = 1_024


class Conduct:
    """``plano.dispatch.flow.Standing`` on a board. Time and chance arrive as arguments.

    ``keyed_alike``: by model, the others whose attempts are made with the same key.
    """

    __slots__ = ("_board", "_clock", "_failover", "_keyed_alike", "_patience", "jitter", "now")

    def __init__(
        self,
        board: Board,
        clock: Clock,
        jitter: Callable[[], float],
        *,
        failover: Failover | None = None,
        keyed_alike: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        self._board = board
        self._clock = clock
        self._failover = failover or Failover()
        self._keyed_alike = keyed_alike
        self._patience: dict[tuple[str, bool, bool], tuple[float, float, float]] = {}
        self.now = clock.monotonic
        self.jitter = jitter

    def is_calm(self) -> bool:
        """Is nothing known against any model, so that nobody need be asked about one?"""
        return not self._board.holds and not self._board.breaker.patients

    def free_in_s(self, model: str) -> float:
        """Seconds until a model may be asked again, 0 when it may now."""
        return self._board.free_in_s(model, self.now())

    def is_rate_limited(self, model: str) -> bool:
        """Is it a promise about its rate that keeps a model?"""
        return self._board.is_rate_limited(model)

    def closed(self, model: str) -> Literal["held", "ejected", "limit"] | None:
        """Why a model must not be asked now."""
        board = self._board
        return board.closed(model, self.now()) if board.holds or board.breaker.ejected else None

    def is_crowded(self, model: str) -> bool:
        """Has it just become well, so that it gets its requests back by and by?"""
        return self._board.breaker.is_crowded(model, self.now())

    def is_healthy(self, model: str) -> bool:
        """Is asking it free of charge?"""
        return self._board.is_healthy(model, self.now())

    def pays(self, model: str, *, is_retry: bool) -> bool:
        """May a model be asked after another attempt, of its own or of another one, or although it is ejected?

        What it costs is spent then.
        """
        return self._board.pays(model, self.now(), is_retry=is_retry)

    def can_pay(self) -> bool:
        """Is anything left to spend?"""
        return self._board.budget.can_pay(self.now())

    def first_token_s(self, model: Model, terms: Terms, *, is_spare_healthy: bool) -> float:
        """How long the first content of a stream may take while somebody else is left.

        Three times what 99 of 100 streams of the model took, within the limits; the longest where too few were
        measured, or where whoever is left is in trouble, too.
        """
        now, key = self.now(), (model.name, terms.reasons, terms.prompt_bytes >= LARGE_PROMPT_BYTES)
        known = self._patience.get(key)
        if known is None or known[0] < now:
            if len(self._patience) >= REMEMBERED:
                self._patience.clear()
            known = self._patience[key] = (now + PATIENCE_KEPT_S, *self._patience_of(model.name, terms, now))
        return known[1] if is_spare_healthy else known[2]

    def rival_after_s(self, model: Model, spare: Candidate, terms: Terms) -> float | None:
        """After how many seconds without content ``spare`` may be asked beside a model; None where it may not.

        It must be well, and the second attempt be within the limit of its cost.
        """
        hedging = self._failover.hedging
        if hedging is None or not self.is_healthy(spare.model.name):
            return None
        usd = None if spare.expected is None else spare.expected.usd
        if hedging.max_usd is not None and (usd is None or usd > hedging.max_usd):
            return None
        return self._board.measured.tail_s(model.name, LATE, self.now(), prompt_bytes=terms.prompt_bytes)

    def takes_rival(self, model: str) -> bool:
        """May a rival begin now? Then it is one of those that are allowed."""
        return self.closed(model) is None and self._board.rivals.take()

    def begin(self, model: str) -> Permit:
        """An attempt begins; ``note``, ``ended`` or ``left`` is told how it ended."""
        breaker = self._board.breaker
        return breaker.begin(model, self.now()) if breaker.patients else Permit(model)

    def left(self, permit: Permit) -> None:
        """It says nothing about its model."""
        self._board.breaker.left(permit)

    def note(self, permit: Permit, outcome: Outcome) -> None:
        """What an attempt that is over says about its model."""
        board, model = self._board, permit.held_as or permit.model
        if type(outcome) is Answered or type(outcome) is Refused:
            board.answered(model)
            if board.breaker.patients:
                board.breaker.succeeded(permit, self.now())
            return
        now = self.now()
        match outcome:
            case Throttled(hold):
                board.throttle(model, hold, now=now, jitter=self.jitter())
                board.breaker.left(permit)
            case Failed(ending, verdict, hold):
                if hold is not None:
                    board.hold(model, hold, now=now)
                if verdict.counts:
                    board.breaker.failed(permit, now, jitter=self.jitter())
                else:
                    board.breaker.left(permit)
                if verdict.code == "upstream_account_error" and ending != 403:
                    # 403 may be about this one model; the others are about the key.
                    for other in self._keyed_alike.get(permit.model, ()):
                        board.breaker.suspected(other, now, jitter=self.jitter())
            case _:
                board.breaker.left(permit)

    def ended(self, permit: Permit, broken: PlanoError | None) -> None:
        """What the end of a stream says about its model. ``broken``: what ended it, None when it is whole."""
        board, now = self._board, self.now()
        if broken is None:
            board.answered(permit.model)
            board.breaker.succeeded(permit, now)
        elif isinstance(broken, StreamBroken) and broken.counts:
            board.breaker.failed(permit, now, jitter=self.jitter())
        else:
            if broken.code == "upstream_rate_limited":
                board.throttle(permit.held_as or permit.model, None, now=now, jitter=self.jitter())
            board.breaker.left(permit)

    def _patience_of(self, model: str, terms: Terms, now: float) -> tuple[float, float]:
        """What the model's own times suggest, and the longest wait there is."""
        limits = self._failover.first_token
        longest_s = limits.longest_s(reasons=terms.reasons or self._board.reasons(model))
        tail_s = self._board.measured.tail_s(model, TAIL, now, prompt_bytes=terms.prompt_bytes)
        return (longest_s if tail_s is None else min(max(limits.least_s, PATIENCE * tail_s), longest_s)), longest_s


class OfRequest(Conduct):
    """The same for one request that differs from others: by the caller's own key, or by limits on its tokens.

    ``names``: by model, what promises made to the caller's key are kept by: they bind nobody else. ``meter``: None
    where the request has no limits.
    """

    __slots__ = ("_meter", "_names")

    def __init__(self, conduct: Conduct, names: Mapping[str, str], meter: Meter | None) -> None:
        super().__init__(conduct._board, conduct._clock, conduct.jitter, failover=conduct._failover)
        self._names = names
        self._meter = meter

    def is_calm(self) -> bool:
        """Never: limits and promises of its own may keep this caller from a model."""
        return False

    def free_in_s(self, model: str) -> float:
        """Seconds until this caller may ask a model again, infinite when it never may."""
        own = self._board.free_in_s(self._names.get(model, model), self.now())
        return max(super().free_in_s(model), own, self._wait_s(model))

    def is_rate_limited(self, model: str) -> bool:
        """Is it a promise about a rate, or a limit of ours, that keeps a model?"""
        return self._board.is_rate_limited(self._names.get(model, model)) or self._wait_s(model) > 0

    def closed(self, model: str) -> Literal["held", "ejected", "limit"] | None:
        """Why this caller must not ask a model now."""
        name = self._names.get(model)
        own = None if name is None else self._board.closed(name, self.now())
        return own or super().closed(model) or ("limit" if self._wait_s(model) > 0 else None)

    def begin(self, model: str) -> Permit:
        """An attempt begins; a promise that comes of it binds the key it is made with."""
        return replace(super().begin(model), held_as=self._names.get(model))

    def _wait_s(self, model: str) -> float:
        return 0.0 if self._meter is None else self._meter.wait_s(model, self.now())


def names_for(key: Secret | None, models: Iterable[Model]) -> Mapping[str, str]:
    """By model, what promises made to the caller's own ``key`` are kept by; none for those it is not sent to."""
    given = [] if key is None else [model.name for model in models if model.endpoint.passthrough_auth]
    if not given:
        return {}
    mark = f"{hash(key) % 2**64:016x}"
    return {name: f"{name} {mark}" for name in given}


def keyed_alike(models: Iterable[Model]) -> Mapping[str, tuple[str, ...]]:
    """By model, the others with the same key at the same place; none for those that have no key of their own."""
    groups: dict[tuple[Origin, Secret], list[str]] = defaultdict(list)
    for model in models:
        endpoint = model.endpoint
        if endpoint.key is not None and not endpoint.passthrough_auth:
            groups[endpoint.origin, endpoint.key].append(model.name)
    return {name: tuple(one for one in names if one != name) for names in groups.values() for name in names}
