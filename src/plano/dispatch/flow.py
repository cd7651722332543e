"""The one fallback loop, as a generator: it yields what to do next and is sent how that ended.

The server, the Python client and the tests drive this same loop, so that none of them has rules of its own.
"""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from typing import Literal, Protocol, TypeGuard

import msgspec

from plano.dispatch.verdict import BY_STATUS, chain_failed
from plano.domain.attempt import (
    Abandoned,
    Answered,
    Attempt,
    Failed,
    Outcome,
    Outpaced,
    Pause,
    Raced,
    Receipt,
    Refused,
    Rival,
    Skipped,
    Throttled,
    Try,
    Unfit,
    Verdict,
)
from plano.domain.decision import Candidate, Decision
from plano.domain.model import Model
from plano.errors import InvalidRequest

RETRY_WAIT_S = 0.5
LONGEST_WAITED_HOLD_S = 10.0

Told = Outcome | Raced | None
"""How an attempt ended, or it and its rival; None after a pause."""

Steps = Generator[Attempt | Pause, Told, Outcome | None]
"""A part of the loop: how its last attempt ended, None when none was made."""


class Standing(Protocol):
    """How models are doing, and what may be done to them now; by their names."""

    def now(self) -> float:
        """Monotonic seconds."""
        ...

    def jitter(self) -> float:
        """A factor around 1 (0.8..1.2) for waits."""
        ...

    def is_calm(self) -> bool:
        """Is nothing known against any model, so that nobody need be asked about one?"""
        ...

    def free_in_s(self, model: str) -> float:
        """Seconds until a model may be asked again, 0 when it may now, infinite when it never may."""
        ...

    def is_rate_limited(self, model: str) -> bool:
        """Is it a promise about its rate that keeps a model?"""
        ...

    def closed(self, model: str) -> Literal["held", "ejected", "limit"] | None:
        """Why a model must not be asked now."""
        ...

    def is_crowded(self, model: str) -> bool:
        """Has it just become well, so that it gets its requests back by and by?"""
        ...

    def pays(self, model: str, *, is_retry: bool) -> bool:
        """May a model be asked after another attempt, of its own or of another one, or although it is ejected?

        What it costs is spent then.
        """
        ...

    def can_pay(self) -> bool:
        """Is anything left to spend?"""
        ...

    def first_token_s(self, model: Model, terms: Terms, *, is_spare_healthy: bool) -> float:
        """How long the first content of a stream may take while somebody else is left."""
        ...

    def is_healthy(self, model: str) -> bool:
        """Is asking it free of charge?"""
        ...

    def rival_after_s(self, model: Model, spare: Candidate, terms: Terms) -> float | None:
        """After how many seconds without content ``spare`` may be asked beside a model; None where it may not."""
        ...


class Terms(msgspec.Struct, frozen=True):
    """What one chain may do.

    ``deadline``: the moment it ends, monotonic seconds. ``max_retries``: on each model before the next one.
    ``is_stream``: is the answer one? ``is_withheld``: must it be whole before the caller sees any of it?
    ``prompt_bytes`` and ``reasons``: of the request, see ``plano.domain.request.Needs``. ``may_race``: may it be sent
    to two models at once? ``is_bound``: does it refer to what one provider keeps?
    """

    deadline: float
    max_retries: int = 0
    is_stream: bool = False
    is_withheld: bool = False
    prompt_bytes: int = 0
    reasons: bool = False
    may_race: bool = False
    is_bound: bool = False


def fall_back(decision: Decision, terms: Terms, standing: Standing) -> Generator[Attempt | Pause, Told, Receipt]:
    """Yields attempts in the order of the decision until one is answered, refused or abandoned.

    Each candidate gets one attempt, and as many retries as are configured where the table allows them; with none
    configured the last one left gets one. A non-last attempt may take half of the remaining time, the last one all of
    it. After a prompt that was too long only candidates that take longer ones are asked. Where nobody may be asked,
    those who failed too often are, within the budget, rather than nobody. The receipt says how the chain ended.
    """
    return _Chain(decision.ranked, terms, standing).steps()


class _Chain:
    """What has been tried so far, and what comes next.

    ``_asked``: the last candidate that was sent the request, and how that ended. ``_overflow``: the candidate with the
    largest limit that the prompt was too long for, and its refusal. ``_raced``: who had its turn beside another one.
    ``_began_at``: when the attempt that is being made began, monotonic seconds.
    """

    __slots__ = (
        *("_asked", "_began_at", "_overflow", "_raced", "_ranked", "_standing"),
        *("_terms", "_tries", "_unfit", "_verdicts"),
    )

    def __init__(self, ranked: tuple[Candidate, ...], terms: Terms, standing: Standing) -> None:
        self._ranked = ranked
        self._terms = terms
        self._standing = standing
        self._tries: list[Try] = []
        self._verdicts: list[Verdict] = []
        self._unfit: dict[str, InvalidRequest] = {}
        self._raced: set[str] = set()
        self._began_at = 0.0
        self._asked: tuple[Candidate, Outcome] | None = None
        self._overflow: tuple[Candidate, Refused] | None = None

    def steps(self) -> Generator[Attempt | Pause, Told, Receipt]:
        """The whole chain."""
        terms, standing, ranked = self._terms, self._standing, self._ranked
        retries, outcome = terms.max_retries, None
        # Then nothing is against the first one, and the second one is left.
        is_calm = not terms.is_bound and standing.is_calm() and standing.now() < terms.deadline
        for place, candidate in enumerate(ranked, 1):
            if not (is_calm or self._may_ask(candidate, place)):
                continue
            spare = self._spare(place) if not is_calm else ranked[1] if len(ranked) > 1 else None
            is_calm = False
            attempt = self._attempt(candidate, spare)
            told = yield attempt
            if type(told) is Answered:
                self._add(candidate, told, self._began_at)
                return Receipt(tuple(self._tries), told)
            outcome = self._note(attempt, told)
            for _ in range(retries):
                if not isinstance(outcome, (Failed, Throttled)):
                    break
                outcome = yield from self._ask_again(spare)
            if _is_final(outcome):
                return Receipt(tuple(self._tries), outcome)
        outcome = None
        if self._asked is None:
            outcome = yield from self._ask_the_ejected()
        elif not retries:
            # Whoever stands behind the last one asked was passed over or is the same one: it is the last one left.
            outcome = yield from self._ask_again(None)
        if _is_final(outcome):
            return Receipt(tuple(self._tries), outcome)
        overflow = self._overflow
        is_refused = overflow is not None and self._asked == overflow
        return Receipt(tuple(self._tries), overflow[1]) if overflow and is_refused else self._exhausted()

    def _spare(self, place: int) -> Candidate | None:
        """Who is left after the first ``place`` candidates, as far as is known now."""
        for later in self._ranked[place:]:
            fits = self._overflow is None or self._fits(later)
            if self._terms.is_bound and self._is_elsewhere(later, self._home(self._ranked[place - 1])):
                fits = False
            if fits and self._standing.closed(later.model.name) is None:
                return later
        return None

    def _fits(self, candidate: Candidate) -> bool:
        """Is the prompt not known to be too long for this candidate?"""
        if self._overflow is None:
            return True
        limit, tried = candidate.model.prompt_limit, self._overflow[0].model.prompt_limit
        return limit is not None and tried is not None and limit > tried

    def _home(self, candidate: Candidate) -> Candidate:
        """Who was sent the request, and keeps what it refers to; ``candidate`` where nobody was."""
        return candidate if self._asked is None else self._asked[0]

    def _is_elsewhere(self, candidate: Candidate, home: Candidate) -> bool:
        """Does it lack what a bound request refers to? That is at one account: at that of whoever was asked first."""
        return not candidate.model.is_beside(home.model)

    def _may_ask(self, candidate: Candidate, place: int) -> bool:
        """Is it the turn of the ``place``th, and nothing against it? Why it is passed over goes into the account."""
        name = candidate.model.name
        if name in self._raced:
            return False
        skipped = self._skipped(candidate) or self._standing.closed(name)
        if skipped is None and self._standing.is_crowded(name) and self._spare(place) is not None:
            skipped = "ejected"
        if skipped is None and self._asked is not None and not self._standing.pays(name, is_retry=False):
            skipped = "budget"
        if skipped is not None:
            self._tries.append(Try(name, skipped))
        return skipped is None

    def _ask_again(self, spare: Candidate | None) -> Steps:
        """One more attempt on the last one asked, where the table allows it."""
        wait = self._wait_before_retry()
        if wait is None or self._asked is None:
            return None
        candidate = self._asked[0]
        name = candidate.model.name
        if self._standing.can_pay():
            if (yield Pause(wait)) is not None:
                return Abandoned()
            # While it waited, others may have learned more of the model, or spent what was left.
            skipped = self._skipped(candidate) or self._standing.closed(name)
            if skipped is None and self._standing.pays(name, is_retry=True):
                attempt = self._attempt(candidate, spare)
                return self._note(attempt, (yield attempt))
            self._tries.append(Try(name, skipped or "budget"))
        else:
            self._tries.append(Try(name, "budget"))
        return None

    def _ask_the_ejected(self) -> Steps:
        """The last resort: nobody could be asked. Those who are left alone because they failed are, in their order.

        Each of these attempts draws on the budget, so that a provider in trouble is not kept there.
        """
        names = {row.model for row in self._tries if row.ending == "ejected"}
        last_ones = [one for one in self._ranked if one.model.name in names]
        for place, candidate in enumerate(last_ones, 1):
            name = candidate.model.name
            if self._skipped(candidate) is None and self._standing.pays(name, is_retry=False):
                self._tries.remove(Try(name, "ejected"))
                spare = last_ones[place] if place < len(last_ones) else None
                attempt = self._attempt(candidate, spare)
                outcome = self._note(attempt, (yield attempt))
                if _is_final(outcome):
                    return outcome
        return None

    def _attempt(self, candidate: Candidate, spare: Candidate | None) -> Attempt:
        """The next attempt; it begins now. ``spare``: who is left after it."""
        terms, standing, model = self._terms, self._standing, candidate.model
        self._began_at = began_at = standing.now()
        number, limit_s, first_token_s, rival = len(self._tries) + 1, terms.deadline - began_at, None, None
        if spare is not None:
            limit_s /= 2
            if terms.is_stream:
                is_healthy = standing.is_healthy(spare.model.name)
                first_token_s = standing.first_token_s(model, terms, is_spare_healthy=is_healthy)
            if terms.may_race:
                rival = self._rival(model, spare, number + 1)
        return Attempt(candidate, number, limit_s, spare is None, first_token_s, terms.is_withheld, rival)

    def _note(self, attempt: Attempt, told: Told) -> Outcome:
        """How it ended, as far as the chain is concerned; it is in the account now."""
        assert told is not None
        candidate, began_at, rival = attempt.candidate, self._began_at, attempt.rival
        if rival is None or not isinstance(told, Raced):
            assert not isinstance(told, Raced)
            self._add(candidate, told, began_at)
            return told
        spare = rival.attempt.candidate
        self._raced.add(spare.model.name)
        # In the order in which they ended: whoever was given up comes before the one that had won.
        rows = [(candidate, told.first, began_at), (spare, told.second, began_at + rival.after_s)]
        for one, outcome, began in sorted(rows, key=lambda row: not isinstance(row[1], Outpaced)):
            self._add(one, outcome, began)
        return told.first if isinstance(told.second, Outpaced) else told.second

    def _rival(self, model: Model, spare: Candidate, number: int) -> Rival | None:
        """Who may begin beside an attempt on ``model``, and when."""
        after_s = self._standing.rival_after_s(model, spare, self._terms)
        if after_s is None:
            return None
        limit_s = self._terms.deadline - self._standing.now() - after_s
        return Rival(Attempt(spare, number, limit_s, is_last=False, is_withheld=self._terms.is_withheld), after_s)

    def _add(self, candidate: Candidate, outcome: Outcome, began_at: float) -> None:
        model, seconds = candidate.model.name, self._standing.now() - began_at
        if type(outcome) is Answered:
            # Nothing comes after it.
            self._tries.append(Try(model, str(outcome.status), began_at, seconds))
            return
        self._tries.append(Try(model, _ending(outcome), began_at, seconds))
        if isinstance(outcome, Unfit):
            self._unfit[model] = outcome.error
        elif not isinstance(outcome, Outpaced):
            self._asked = candidate, outcome
            if isinstance(outcome, Refused) and outcome.overflows:
                self._overflow = candidate, outcome
            elif isinstance(outcome, Failed):
                self._verdicts.append(outcome.verdict)
            elif isinstance(outcome, Throttled):
                self._verdicts.append(BY_STATUS[429])

    def _skipped(self, candidate: Candidate) -> Skipped | None:
        """Why it cannot be asked, however it is doing."""
        if self._overflow is not None and not self._fits(candidate):
            return "window"
        if self._terms.is_bound and self._is_elsewhere(candidate, self._home(candidate)):
            return "stored_elsewhere"
        return "deadline" if self._terms.deadline <= self._standing.now() else None

    def _wait_before_retry(self) -> float | None:
        """Seconds to wait before the last one asked may be asked again, None when it may not."""
        if self._asked is None:
            return None
        candidate, outcome = self._asked
        if not isinstance(outcome, (Failed, Throttled)):
            return None
        standing, hold = self._standing, outcome.hold
        wait = RETRY_WAIT_S * standing.jitter()
        if isinstance(outcome, Throttled):
            if hold is None or hold.seconds > LONGEST_WAITED_HOLD_S:
                return None
            wait = hold.seconds
        elif not outcome.verdict.may_retry:
            return None
        elif hold is not None:
            wait = max(wait, hold.seconds)
        is_too_late = standing.now() + wait >= self._terms.deadline
        return None if is_too_late or standing.closed(candidate.model.name) == "ejected" else wait

    def _exhausted(self) -> Receipt:
        tries, standing = tuple(self._tries), self._standing
        names = [one.model.name for one in self._ranked if one.model.name not in self._unfit]
        if not names:
            return Receipt(tries, None, next(iter(self._unfit.values())))
        soonest = min([standing.free_in_s(name) for name in names])
        error = chain_failed(
            tries,
            tuple(self._verdicts),
            soonest if 0 < soonest < inf else None,
            hit_deadline=any(row.ending == "deadline" for row in tries),
            is_rate_limit=all(standing.is_rate_limited(name) for name in names),
        )
        return Receipt(tries, None, error)


def _is_final(outcome: Outcome | None) -> TypeGuard[Answered | Refused | Abandoned]:
    """Is the caller told this, whoever might still be asked?"""
    return isinstance(outcome, (Answered, Abandoned)) or (isinstance(outcome, Refused) and not outcome.overflows)


def _ending(outcome: Outcome) -> str:
    if isinstance(outcome, (Answered, Refused)):
        return str(outcome.status)
    match outcome:
        case Failed(ending):
            return str(ending)
        case Throttled():
            return "429"
        case Abandoned(because):
            return because
        case Unfit():
            return "unfit"
        case Outpaced():
            return "outpaced"
