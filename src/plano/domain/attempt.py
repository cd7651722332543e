"""Attempts and how they end."""

from __future__ import annotations

from typing import Literal

import msgspec

from plano.domain.decision import Candidate
from plano.errors import ChainFailed, InvalidRequest

NoAnswer = Literal["busy", "connect", "connect_timeout", "reset", "timeout", "protocol", "truncated", "inband"]
"""Endings without a usable HTTP answer.

``busy``: no connection was free in time. ``reset`` before, ``truncated`` after the head of the answer.
"""

Skipped = Literal["held", "ejected", "limit", "budget", "deadline", "unfit", "window", "stored_elsewhere"]
"""Why a candidate was not tried at all.

``held``: its provider named a time. ``ejected``: it failed too often. ``limit``: the caller has used up its tokens.
``budget``: sick models have enough to do.
``unfit``: its dialect has no words for the request. ``window``: the prompt was too long for one with no smaller limit.
``stored_elsewhere``: the request refers to what another account keeps, which was asked before.
"""


Kind = Literal["failed", "throttled", "refused"]


class Verdict(msgspec.Struct, frozen=True):
    """What an ending means: one row of the table in ``dispatch.verdict``.

    ``code`` and ``status``: what the caller is told when no candidate is left. ``may_retry``: the last candidate left
    may be asked once more. ``counts``: it is a failure of the model.
    """

    kind: Kind
    code: str
    status: int
    may_retry: bool = False
    counts: bool = True


class Attempt(msgspec.Struct, frozen=True):
    """One request sent to one model.

    ``number`` counts from 1. ``limit_s``: how long it may take to be answered. ``is_last``: nobody is left after it.
    ``first_token_s``: how long the first content of a stream may take, None for ``limit_s``. ``is_withheld``: a stream
    is answered when all of it is there. ``rival``: may begin beside it, None where nobody may.
    """

    candidate: Candidate
    number: int
    limit_s: float
    is_last: bool
    first_token_s: float | None = None
    is_withheld: bool = False
    rival: Rival | None = None


class Rival(msgspec.Struct, frozen=True):
    """An attempt that may begin beside another one whose first content is not there after ``after_s`` seconds."""

    attempt: Attempt
    after_s: float


class Pause(msgspec.Struct, frozen=True):
    """Nothing is sent for ``seconds``: the same model is tried again afterwards, unless the answer is ``Abandoned``."""

    seconds: float


class Hold(msgspec.Struct, frozen=True):
    """A provider said "not before": no attempt on that model for ``seconds`` (> 0)."""

    seconds: float


class Answered(msgspec.Struct, frozen=True):
    """The first byte of a good answer is there; the caller gets this one."""

    status: int


class Throttled(msgspec.Struct, frozen=True):
    """The provider asks for patience (429). ``hold``: None when it named no time."""

    hold: Hold | None


class Failed(msgspec.Struct, frozen=True):
    """The provider failed: an HTTP status, or no usable answer. ``hold``: when it named a time to come back."""

    ending: int | NoAnswer
    verdict: Verdict
    hold: Hold | None = None


class Refused(msgspec.Struct, frozen=True):
    """The caller's own mistake, or the provider's policy: passed on as it came, tried nowhere else.

    ``overflows``: the prompt is too long for this model; one that takes longer ones may be asked.
    """

    status: int
    overflows: bool = False


class Abandoned(msgspec.Struct, frozen=True):
    """Nobody waits for it any more: the caller left, or a defect of the gateway has ended the chain."""

    because: Literal["client_closed", "internal_error"] = "client_closed"


class Unfit(msgspec.Struct, frozen=True):
    """Nothing was sent: the dialect of that model has no words for the request. ``error``: which part, and why."""

    error: InvalidRequest


class Outpaced(msgspec.Struct, frozen=True):
    """It was given up because its rival had won; its provider may bill it all the same."""


Outcome = Answered | Throttled | Failed | Refused | Abandoned | Unfit | Outpaced


class Raced(msgspec.Struct, frozen=True):
    """How an attempt and its rival ended."""

    first: Outcome
    second: Outcome


class Try(msgspec.Struct, frozen=True):
    """One row of the account of a chain: a model and the HTTP status, ending or reason it was skipped.

    ``began_at``: monotonic seconds. ``seconds``: until it was decided how the attempt ended.
    """

    model: str
    ending: str
    began_at: float = 0.0
    seconds: float = 0.0


class Receipt(msgspec.Struct, frozen=True):
    """How the chain ended: every try in order.

    ``outcome``: what ended it, None when no candidate was left; then ``error`` is what the caller is told.
    """

    tries: tuple[Try, ...]
    outcome: Answered | Refused | Abandoned | None
    error: ChainFailed | InvalidRequest | None = None

    @property
    def model(self) -> str:
        """The model whose answer ended the chain, the last one considered when there is none."""
        ended = self.outcome
        if type(ended) is Refused and ended.overflows:
            # Those that take longer prompts were looked at after it, and not asked.
            return next(row.model for row in reversed(self.tries) if row.ending == str(ended.status))
        return self.tries[-1].model

    def __str__(self) -> str:
        return ", ".join([f"{row.model}={row.ending}" for row in self.tries])
