"""The one fallback loop, as a generator: it yields what to do next and is sent how that ended.

The server, the Python client and the tests drive this same loop, so that none of them has rules of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from math import inf
from typing import Literal, TypeGuard

import msgspec

from plano.dispatch.verdict import BY_STATUS, chain_failed
from plano.domain.attempt import (
    Abandoned,
    Answered,
    Attempt,
    Failed,
    Outcome,
    Pause,
    Receipt,
    Refused,
    Skipped,
    Throttled,
    Try,
    Unfit,
    Verdict,
)
from plano.domain.decision import Candidate, Decision
from plano.errors import InvalidRequest

RETRY_WAIT_S = 0.5
LONGEST_WAITED_HOLD_S = 10.0


class Conditions(msgspec.Struct, frozen=True):
    """What the loop needs to know of the world.

    ``now``: monotonic seconds. ``jitter``: a factor around 1 (0.8..1.2) for waits. ``free_in_s``: seconds until a
    model may be asked again, 0 when it may now, infinite when it never may. ``is_rate_limited``: is it a promise
    about its rate that keeps it? ``closed``: why a model must not be asked now. ``pays``: may a model be asked
    after another attempt, of its own or (False) of another one? It is spent then. ``deadline``: the moment the
    whole chain ends. ``max_retries``: on each model before the next one.
    """

    now: Callable[[], float]
    jitter: Callable[[], float]
    free_in_s: Callable[[str], float]
    is_rate_limited: Callable[[str], bool]
    closed: Callable[[str], Literal["held", "ejected", "limit"] | None]
    pays: Callable[[str, bool], bool]
    deadline: float
    max_retries: int = 0


class _Account:
    """What has been tried so far. ``asked``: the last candidate that was sent the request, and how that ended.

    ``overflow``: the candidate with the largest limit that the prompt was too long for, and its refusal.
    """

    __slots__ = ("asked", "overflow", "tries", "unfit", "verdicts")

    def __init__(self) -> None:
        self.tries: list[Try] = []
        self.verdicts: list[Verdict] = []
        self.unfit: dict[str, InvalidRequest] = {}
        self.asked: tuple[Candidate, Outcome] | None = None
        self.overflow: tuple[Candidate, Refused] | None = None

    def fits(self, candidate: Candidate) -> bool:
        """Is the prompt not known to be too long for this candidate?"""
        if self.overflow is None:
            return True
        limit, tried = candidate.model.prompt_limit, self.overflow[0].model.prompt_limit
        return limit is not None and tried is not None and limit > tried

    def skip(self, model: str, reason: Skipped) -> None:
        self.tries.append(Try(model, reason))

    def add(self, candidate: Candidate, outcome: Outcome, began_at: float, ended_at: float) -> None:
        model = candidate.model.name
        self.tries.append(Try(model, _ending(outcome), began_at, ended_at - began_at))
        if isinstance(outcome, Unfit):
            self.unfit[model] = outcome.error
            return
        self.asked = candidate, outcome
        if isinstance(outcome, Refused) and outcome.overflows:
            self.overflow = candidate, outcome
        elif isinstance(outcome, Failed):
            self.verdicts.append(outcome.verdict)
        elif isinstance(outcome, Throttled):
            self.verdicts.append(BY_STATUS[429])


def fall_back(decision: Decision, conditions: Conditions) -> Generator[Attempt | Pause, Outcome | None, Receipt]:
    """Yields attempts in the order of the decision until one is answered, refused or abandoned.

    Each candidate gets one attempt, and as many retries as are configured where the table allows them; with none
    configured the last one left gets one. A non-last attempt may take half of the remaining time, the last one all of
    it. After a prompt that was too long only candidates that take longer ones are asked. The receipt says how the chain
    ended.
    """
    account = _Account()
    ranked = decision.ranked
    for place, candidate in enumerate(ranked, 1):
        is_last = not any(account.fits(later) for later in ranked[place:])
        outcome = yield from _ask(candidate, conditions, account, is_last=is_last)
        for _ in range(conditions.max_retries):
            if not isinstance(outcome, (Failed, Throttled)):
                break
            outcome = yield from _ask_again(conditions, account, is_last=is_last)
        if _is_final(outcome):
            return Receipt(tuple(account.tries), outcome)
    if not conditions.max_retries:
        # Whoever stands behind the last one asked was passed over or is the same one: it is the last candidate left.
        outcome = yield from _ask_again(conditions, account, is_last=True)
        if _is_final(outcome):
            return Receipt(tuple(account.tries), outcome)
    if account.overflow is not None and account.asked == account.overflow:
        return Receipt(tuple(account.tries), account.overflow[1])
    return _exhausted(decision, account, conditions)


def _ask_again(
    conditions: Conditions, account: _Account, *, is_last: bool
) -> Generator[Attempt | Pause, Outcome | None, Outcome | None]:
    """How one more attempt on the last one asked ended; None when it was not made."""
    wait = _wait_before_retry(account, conditions)
    if account.asked is None or wait is None:
        return None
    if (yield Pause(wait)) is not None:
        return Abandoned()
    return (yield from _ask(account.asked[0], conditions, account, is_last=is_last))


def _is_final(outcome: Outcome | None) -> TypeGuard[Answered | Refused | Abandoned]:
    """Is the caller told this, whoever might still be asked?"""
    return isinstance(outcome, (Answered, Abandoned)) or (isinstance(outcome, Refused) and not outcome.overflows)


def _ask(
    candidate: Candidate, conditions: Conditions, account: _Account, *, is_last: bool
) -> Generator[Attempt | Pause, Outcome | None, Outcome | None]:
    """How the one attempt ended; None when it was not made."""
    skipped = _skipped(candidate, conditions, account)
    if skipped is not None:
        account.skip(candidate.model.name, skipped)
        return None
    began_at = conditions.now()
    remaining = conditions.deadline - began_at
    outcome = yield Attempt(candidate, len(account.tries) + 1, remaining if is_last else remaining / 2, is_last)
    assert outcome is not None
    account.add(candidate, outcome, began_at, conditions.now())
    return outcome


def _skipped(candidate: Candidate, conditions: Conditions, account: _Account) -> Skipped | None:
    model = candidate.model.name
    if not account.fits(candidate):
        return "window"
    if conditions.deadline <= conditions.now():
        return "deadline"
    closed = conditions.closed(model)
    if closed is not None:
        return closed
    is_first = account.asked is None or account.asked[0] is candidate
    return None if is_first or conditions.pays(model, False) else "budget"


def _wait_before_retry(account: _Account, conditions: Conditions) -> float | None:
    """Seconds to wait before the last one asked is asked again, None when it is not. What it costs is spent then."""
    if account.asked is None:
        return None
    candidate, outcome = account.asked
    if not isinstance(outcome, (Failed, Throttled)):
        return None
    wait = RETRY_WAIT_S * conditions.jitter()
    hold = outcome.hold
    if isinstance(outcome, Throttled):
        if hold is None or hold.seconds > LONGEST_WAITED_HOLD_S:
            return None
        wait = hold.seconds
    elif not outcome.verdict.may_retry:
        return None
    elif hold is not None:
        wait = max(wait, hold.seconds)
    if conditions.now() + wait >= conditions.deadline or conditions.closed(candidate.model.name) == "ejected":
        return None
    if conditions.pays(candidate.model.name, True):
        return wait
    account.skip(candidate.model.name, "budget")
    return None


def _exhausted(decision: Decision, account: _Account, conditions: Conditions) -> Receipt:
    tries = tuple(account.tries)
    names = [candidate.model.name for candidate in decision.ranked if candidate.model.name not in account.unfit]
    if not names:
        return Receipt(tries, None, next(iter(account.unfit.values())))
    soonest = min([conditions.free_in_s(name) for name in names])
    error = chain_failed(
        tries,
        tuple(account.verdicts),
        soonest if 0 < soonest < inf else None,
        hit_deadline=any(row.ending == "deadline" for row in tries),
        is_rate_limit=all(conditions.is_rate_limited(name) for name in names),
    )
    return Receipt(tries, None, error)


def _ending(outcome: Outcome) -> str:
    if isinstance(outcome, (Answered, Refused)):
        return str(outcome.status)
    match outcome:
        case Failed(ending):
            return str(ending)
        case Throttled():
            return "429"
        case Abandoned():
            return "client_closed"
        case Unfit():
            return "unfit"
