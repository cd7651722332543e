"""A request as it is shown: in the log, the metrics, the kept records, the traces and on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from plano.domain.decision import Expected, Reason
from plano.domain.episode import Switch
from plano.domain.intent import Asked, Escalation, RouterState
from plano.domain.model import Dialect
from plano.domain.route import Prefer
from plano.domain.snapshot import Pace, Quote
from plano.domain.usage import Served, Usage

_NOTHING: Final[Mapping[str, float]] = {}
_NOTHING_COUNTED: Final = Usage()
_NO_HEADERS: Final[Mapping[str, str]] = {}

OTHER_METHOD: Final = "_OTHER"


class Considered(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A candidate as it is shown: the members of ``plano.domain.decision.Candidate``, its model by name."""

    model: str
    rank: int | None
    reason: Reason | None
    price_usd_per_mtok: Quote | None
    latency_s: Pace | None
    free_in_s: float
    expected: Expected | None = None


class Stayed(msgspec.Struct, frozen=True, gc=False):
    """What its session meant for a decision, see ``plano.domain.session``; not which session. Nothing of a new one.

    ``switch``: what its budget said of the router's wish, None where it was not asked. ``account``: the episode's
    spending on switches and its baseline (both USD), and its switches; None without a budget.
    """

    is_pinned: bool
    is_switched: bool
    bound_to: str | None
    idle_s: float
    cached_tokens: int
    switch: Switch | None = None
    cost_usd: float = 0.0
    is_replay: bool = False
    account: tuple[float, float, int] | None = None


class Explained(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Why decisions were made: all those with the same intent and the same ranking.

    ``summary``: it in one line, without a trace id. ``decided``, ``ranking``: a sentence each, why this route and why
    this order, as ``plano.wire.decision`` tells callers. ``text_hash``: equal for equal texts within one process.

    ``text``: None unless it is kept. ``weights``, ``lift``, ``is_exploration``: see ``plano.domain.decision.Decision``;
    ``trouble``, ``asked``, ``escalation``: see ``plano.domain.intent.Intent``. ``session``: None where the request
    belongs to none.
    """

    summary: str
    route: str | None
    router: RouterState
    scores: Mapping[str, float]
    threshold: float | None
    margin: float | None
    prefer: Prefer
    candidates: tuple[Considered, ...]
    text_characters: int
    text_hash: str
    text: str | None = None
    weights: tuple[float, float] | None = None
    lift: Reason | None = None
    is_exploration: bool = False
    trouble: str | None = None
    asked: Asked | None = None
    escalation: Escalation | None = None
    session: Stayed | None = None
    decided: str = ""
    ranking: str = ""

    @property
    def models(self) -> tuple[str, ...]:
        """The ranked ones, first one first."""
        return tuple([each.model for each in self.candidates if each.rank is not None])


class Attempted(msgspec.Struct, frozen=True, gc=False):
    """One row of the account of a chain. ``began_s``: after the request's head. ``seconds``: until it was decided.

    ``seconds`` is None for a candidate that was passed over.
    """

    model: str
    ending: str
    began_s: float
    seconds: float | None


class Entry(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One answered request. None is unknown, never 0. It holds on to nothing of the request, nor of its answer.

    ``ended_at``: seconds since the epoch. ``seconds``: from the request's head to the last byte handed over.
    ``arrived_s``: until the request was whole. ``stages``: seconds by stage, in order. ``model``: as the caller wrote
    it; ``served_by``: which one answered. ``first_token_s``: from the head of the request to the first byte of a
    streamed answer. ``cost_usd``: of the answer, None (shown as ``?``) where its price or a count is unknown.
    ``prompt_bytes``: of the request, media left out. ``first_content_s``, ``whole_s``: from the beginning of the good
    attempt to its first content, None for an answer that came whole, and to its end, None where the caller held it up.
    ``method``: one of HTTP's own, ``_OTHER`` where a caller made one up, None where no request was read.
    ``headers``: the chosen ones. ``warnings``: one line for each part that a translation could not carry.
    ``is_shortened``: it was too large to be kept with ``decision`` and ``attempts``.
    """

    trace_id: str
    ended_at: float
    status: int
    seconds: float
    path: str | None = None
    dialect: Dialect | None = None
    request_id: str | None = None
    code: str | None = None
    model: str | None = None
    is_stream: bool | None = None
    served_by: str | None = None
    first_token_s: float | None = None
    usage: Usage | None = None
    cost_usd: float | None = None
    prompt_bytes: int = 0
    first_content_s: float | None = None
    whole_s: float | None = None
    request_bytes: int = 0
    answer_bytes: int = 0
    arrived_s: float = 0.0
    stages: Mapping[str, float] = _NOTHING
    decision: Explained | None = None
    attempts: tuple[Attempted, ...] | None = None
    span_id: str | None = None
    parent_id: str | None = None
    is_sampled: bool = True
    headers: Mapping[str, str] = _NO_HEADERS
    warnings: tuple[str, ...] = ()
    method: str | None = None
    is_shortened: bool = False

    @property
    def failed(self) -> bool:
        """Was it answered with an error, or not to its end?"""
        return self.status >= 400 or self.code is not None


def served_of(entries: Iterable[Entry]) -> list[Served]:
    """What can be learned from entries: nothing from those without a good answer."""
    return [
        Served(
            each.served_by,
            None if each.decision is None else each.decision.route,
            each.prompt_bytes,
            _NOTHING_COUNTED if each.usage is None or each.usage.is_estimated else each.usage,
            each.first_content_s,
            each.whole_s,
        )
        for each in entries
        if each.served_by is not None
    ]
