"""A request as it is shown: in the log, the metrics, the kept records, the traces and on the page.

An entry is worked out from a record once, away from the path of the request, and every reader takes it from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

import msgspec

from plano.domain.attempt import Answered, Skipped, Try
from plano.domain.decision import Decision, Expected, Reason
from plano.domain.episode import Switch
from plano.domain.intent import Asked, Escalation, RouterState
from plano.domain.model import Dialect
from plano.domain.route import Prefer
from plano.domain.session import Affinity
from plano.domain.snapshot import Pace, Quote
from plano.domain.usage import Served, Usage
from plano.observe.cost import accounted, answer_cost
from plano.observe.record import Record
from plano.observe.redactor import LONGEST_NAME, Redactor
from plano.wire.decision import why_ranked, why_routed

LONGEST_TEXT = 256
"""Characters of a name, id or path that a caller made up."""

LONGEST_SUMMARY = 1_024

REMEMBERED = 256
"""Explanations, with the candidates and the router's text that belong to them."""

LONGEST_PROMPT = 16 * 1024
"""Characters of the router's text that are hashed, and kept where that is asked for."""

_NOTHING: Final[Mapping[str, float]] = {}
_NOTHING_COUNTED: Final = Usage()
_NO_HEADERS: Final[Mapping[str, str]] = {}

OTHER_METHOD: Final = "_OTHER"
_METHODS: Final = frozenset(
    {None, "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"},
)
"""Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/ (RFC 9110 and RFC 5789)."""

_DIALECTS: Final[Mapping[str | None, Dialect]] = {
    "/v1/chat/completions": Dialect.OPENAI_CHAT,
    "/v1/messages": Dialect.ANTHROPIC_MESSAGES,
    "/v1/responses": Dialect.OPENAI_RESPONSES,
    "/routing/v1/chat/completions": Dialect.OPENAI_CHAT,
    "/routing/v1/messages": Dialect.ANTHROPIC_MESSAGES,
    "/routing/v1/responses": Dialect.OPENAI_RESPONSES,
}
"""By path."""


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


class Explanations:
    """Explains decisions. Many are the same but for their trace: the same intent, the same ranking.

    Both are known again by identity. ``key``, ``keeps_text``, ``redactor``: as in ``Clerk``.
    """

    __slots__ = ("_keeps_text", "_key", "_known", "_redactor")

    def __init__(self, key: bytes, *, keeps_text: bool = False, redactor: Redactor | None = None) -> None:
        self._key = key
        self._redactor = redactor or Redactor()
        self._keeps_text = keeps_text
        self._known: dict[tuple[object, ...], tuple[Decision, Explained]] = {}

    def of(self, decision: Decision) -> Explained:
        """Why it was made."""
        if decision.affinity is not None:
            return self._explained(decision)
        mark = id(decision.intent), id(decision.candidates), decision.route, decision.prefer
        known = self._known.get(mark)
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            # With the decision itself: as long as it is kept, no other intent or ranking has the same identity.
            known = self._known[mark] = decision, self._explained(decision)
        return known[1]

    def _explained(self, decision: Decision) -> Explained:
        intent, shown = decision.intent, self._redactor.name
        text = intent.text[:LONGEST_PROMPT]
        return Explained(
            summary=shown(str(decision).removesuffix(f" {decision.trace_id}"))[:LONGEST_SUMMARY],
            route=None if decision.route is None else shown(decision.route),
            router=intent.router,
            scores={shown(name): score for name, score in intent.scores},
            threshold=intent.threshold,
            margin=intent.margin,
            prefer=decision.prefer,
            candidates=tuple(
                [
                    Considered(
                        shown(one.model.name), one.rank, one.reason, one.price, one.latency, one.free_in_s, one.expected
                    )
                    for one in decision.candidates
                ]
            ),
            text_characters=len(intent.text),
            text_hash=hashlib.blake2b(text.encode(), key=self._key, digest_size=8).hexdigest(),
            text=self._redactor.text(text) if self._keeps_text else None,
            weights=decision.weights,
            lift=decision.lift,
            is_exploration=decision.is_exploration,
            trouble=intent.trouble,
            asked=intent.asked,
            escalation=intent.escalation,
            session=None if decision.affinity is None else _stayed(decision.affinity),
            decided=why_routed(decision),
            ranking=why_ranked(decision),
        )


def _stayed(affinity: Affinity) -> Stayed:
    session, bound = affinity.session, affinity.session.binding
    known = (None, 0) if bound is None else (bound.model, bound.cached_tokens)
    episode = affinity.episode
    return Stayed(
        affinity.is_pinned,
        affinity.is_switched,
        known[0],
        session.idle_s,
        known[1],
        affinity.switch,
        session.cost_usd,
        session.is_replay,
        None if episode is None else (episode.spend_usd, episode.baseline_usd, episode.switches),
    )


@dataclass(frozen=True, slots=True)
class Clerk:
    """Makes entries of records.

    ``wall``, ``monotonic``: seconds. ``key``: makes the hash that tells equal texts from different ones without telling
    the text. ``keeps_text``: the text the router was shown is kept as well, cut. ``header_prefixes``: which of the
    caller's fields are shown; lower-case. ``redactor``: takes keys out of what callers made up.
    """

    wall: Callable[[], float]
    monotonic: Callable[[], float]
    key: bytes
    keeps_text: bool = False
    header_prefixes: tuple[str, ...] = ()
    redactor: Redactor = field(default_factory=Redactor, repr=False, compare=False)
    explanations: Explanations = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        made = Explanations(self.key, keeps_text=self.keeps_text, redactor=self.redactor)
        object.__setattr__(self, "explanations", made)

    def enter(self, record: Record) -> Entry:
        """The entry of a record."""
        receipt, decision, trace = record.receipt, record.decision, record.trace
        path, asked, model, redactor = record.path, record.request_id, record.model, self.redactor
        names = redactor.names
        usage = record.usage() if record.usage is not None else None
        served_by = cost_usd = first_content_s = whole_s = None
        if receipt is not None and type(receipt.outcome) is Answered:
            served_by = receipt.tries[-1].model
            if usage is not None and usage.is_estimated:
                usage = accounted(decision, served_by, usage)
            cost_usd = answer_cost(decision, served_by, usage) if record.is_stream else record.cost_usd
            first_content_s, whole_s = _content(record, receipt.tries[-1])
        if model is not None and model not in names:
            model = _cut(redactor.asked(model, is_there=decision is not None))
        # In the order of the fields: so many keywords would take a third of all the time that an entry takes.
        return Entry(
            record.trace_id,
            self.wall() - (self.monotonic() - record.ended_at),
            record.status,
            record.seconds,
            path if path is None or path in _DIALECTS else _cut(redactor.text(path, LONGEST_NAME)),
            _DIALECTS.get(path),
            asked if asked is None else _cut(redactor.text(asked, LONGEST_NAME)),
            record.code,
            model,
            record.is_stream,
            served_by if served_by is None or served_by in names else redactor.name(served_by),
            _first_token(record) if record.is_stream and served_by is not None else None,
            usage,
            cost_usd,
            record.prompt_bytes,
            first_content_s,
            whole_s,
            record.request_bytes,
            record.answer_bytes,
            record.arrived_s,
            record.stages,
            None if decision is None else self.explanations.of(decision),
            None if receipt is None else _attempts(receipt.tries, record.ended_at - record.seconds, redactor),
            None if trace is None else trace.span_id,
            None if trace is None else trace.parent_id,
            trace is None or trace.is_sampled,
            self._headers(record.fields) if self.header_prefixes else _NO_HEADERS,
            record.warnings,
            record.method if record.method in _METHODS else OTHER_METHOD,
        )

    def _headers(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        chosen = self.header_prefixes
        return {
            name: self.redactor.text(value, LONGEST_NAME)[:LONGEST_TEXT]
            for name, value in fields.items()
            if name.startswith(chosen) and not name.endswith(_SECRET_ENDINGS)
        }


_PASSED_OVER: Final = frozenset(get_args(Skipped))
_SECRET_ENDINGS: Final = (
    *("authorization", "key", "token", "secret", "cookie"),
    *("password", "credential", "credentials", "jwt", "assertion"),
)
"""Of fields that hold credentials, as ``x-goog-api-key`` does: never shown, whatever prefix is asked for."""


def _attempts(tries: Sequence[Try], head_at: float, redactor: Redactor) -> tuple[Attempted, ...]:
    made = []
    for one in tries:
        model = one.model if one.model in redactor.names else redactor.name(one.model)
        if one.ending in _PASSED_OVER:
            made.append(Attempted(model, one.ending, 0.0, None))
        else:
            began_s = one.began_at - head_at
            made.append(Attempted(model, one.ending, began_s if began_s > 0.0 else 0.0, one.seconds))
    return tuple(made)


def _first_token(record: Record) -> float:
    """Known of a streamed answer: it is held back until its first content."""
    return record.arrived_s + sum([seconds for stage, seconds in record.stages.items() if stage != "connect"])


def _content(record: Record, attempt: Try) -> tuple[float | None, float | None]:
    """Seconds from the attempt that was answered to its first content and to its end; see ``Entry``."""
    if not record.is_stream:
        return None, attempt.seconds
    first_s = attempt.seconds if record.first_content_at is None else record.first_content_at - attempt.began_at
    return first_s, None if record.content_ended_at is None else record.content_ended_at - attempt.began_at


def served_of(entry: Entry) -> Served | None:
    """What can be learned from an entry; None where there was no good answer."""
    if entry.served_by is None:
        return None
    route = None if entry.decision is None else entry.decision.route
    usage = _NOTHING_COUNTED if entry.usage is None or entry.usage.is_estimated else entry.usage
    return Served(entry.served_by, route, entry.prompt_bytes, usage, entry.first_content_s, entry.whole_s)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
