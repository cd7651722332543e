"""Entries of records: worked out once, away from the path of the request, and every reader takes them from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from plano.domain.attempt import Answered, Skipped, Try
from plano.domain.model import Dialect
from plano.domain.usage import Usage
from plano.observe.alike import Alike, Chain, Common, choice_of
from plano.observe.cost import accounted, answer_cost
from plano.observe.entry import OTHER_METHOD, Attempted, Entry
from plano.observe.explanations import Explanations
from plano.observe.record import Record
from plano.observe.redactor import LONGEST_NAME, Redactor

LONGEST_TEXT = 256
"""Characters of a name, id or path that a caller made up."""

_NO_HEADERS: Final[Mapping[str, str]] = {}

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

_PASSED_OVER: Final = frozenset(get_args(Skipped))
_SECRET_ENDINGS: Final = (
    *("authorization", "key", "token", "secret", "cookie"),
    *("password", "credential", "credentials", "jwt", "assertion"),
)
"""Of fields that hold credentials, as ``x-goog-api-key`` does: never shown, whatever prefix is asked for."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """Knows how entries are made of records.

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

    def batch(self) -> Batch:
        """The entries of the next requests."""
        return Batch(self)

    def enter(self, record: Record) -> Entry:
        """The entry of a record that comes alone."""
        batch = self.batch()
        batch.enter(record)
        return batch.entries[0]

    def made_up(self, text: str) -> str:
        """A path or an id as its caller wrote it, without keys, cut."""
        return _cut(self.redactor.text(text, LONGEST_NAME))

    def asked(self, model: str, *, is_there: bool) -> str:
        """The name of a model as its caller wrote it, without keys, cut; ``is_there``: it is one."""
        return model if model in self.redactor.names else _cut(self.redactor.asked(model, is_there=is_there))

    def common(self, record: Record) -> Common:
        """What the entry of a record has in common with those that are alike."""
        receipt, decision, path, name = record.receipt, record.decision, record.path, self.redactor.name
        explained = None if decision is None else self.explanations.of(decision)
        tries = () if receipt is None else receipt.tries
        is_answered = receipt is not None and type(receipt.outcome) is Answered
        return Common(
            path if path is None or path in _DIALECTS else self.made_up(path),
            _DIALECTS.get(path),
            name(tries[-1].model) if is_answered else None,
            None if explained is None else choice_of(explained),
            tuple([(name(one.model), one.ending) for one in tries]),
        )

    def headers(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        """The chosen ones of a caller's fields, without keys, cut."""
        chosen = self.header_prefixes
        return {
            name: self.redactor.text(value, LONGEST_NAME)[:LONGEST_TEXT]
            for name, value in fields.items()
            if name.startswith(chosen) and not name.endswith(_SECRET_ENDINGS)
        }


class Batch:
    """Entries in order, and in groups of those that differ in their numbers alone.

    What a group has in common is worked out once, for its first record.
    """

    __slots__ = ("_ahead_s", "_clerk", "_groups", "entries")

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk
        self._ahead_s = clerk.wall() - clerk.monotonic()
        self._groups: dict[tuple[object, ...], tuple[Common, list[Entry]]] = {}
        self.entries: list[Entry] = []

    @property
    def groups(self) -> list[Alike]:
        """Each at the place of its first entry."""
        return [Alike.of(common, entries) for common, entries in self._groups.values() if entries]

    def enter(self, record: Record) -> None:
        """Makes the entry of a record."""
        clerk, decision, receipt, trace, model = (
            self._clerk,
            record.decision,
            record.receipt,
            record.trace,
            record.model,
        )
        usage = None if record.usage is None else record.usage()
        common, group = self._group(record, is_estimated=usage is not None and usage.is_estimated)
        cost_usd = first_token_s = first_content_s = whole_s = None
        if receipt is not None and common.served_by is not None:
            usage, cost_usd, first_token_s, first_content_s, whole_s = _served(record, receipt.tries[-1], usage)
        # In the order of the fields: so many keywords would take a third of all the time that an entry takes.
        entry = Entry(
            record.trace_id,
            self._ahead_s + record.ended_at,
            record.status,
            record.seconds,
            common.path,
            common.dialect,
            None if record.request_id is None else clerk.made_up(record.request_id),
            record.code,
            model
            if model is None or model in clerk.redactor.names
            else clerk.asked(model, is_there=decision is not None),
            record.is_stream,
            common.served_by,
            first_token_s,
            usage,
            cost_usd,
            record.prompt_bytes,
            first_content_s,
            whole_s,
            record.request_bytes,
            record.answer_bytes,
            record.arrived_s,
            record.stages,
            None if decision is None else clerk.explanations.of(decision),
            None if receipt is None else _attempts(common.chain, receipt.tries, record.ended_at - record.seconds),
            None if trace is None else trace.span_id,
            None if trace is None else trace.parent_id,
            trace is None or trace.is_sampled,
            clerk.headers(record.fields) if clerk.header_prefixes else _NO_HEADERS,
            record.warnings,
            record.method if record.method in _METHODS else OTHER_METHOD,
        )
        group.append(entry)
        self.entries.append(entry)

    def _group(self, record: Record, *, is_estimated: bool) -> tuple[Common, list[Entry]]:
        """The entries that a record's is alike. ``is_estimated``: nobody counted its tokens."""
        receipt, decision = record.receipt, record.decision
        outcome = route = router = first = ending = None
        chain: str | Chain | None = None
        if decision is not None:
            route, router, first = decision.route, decision.intent.router, decision.candidates[0].model.name
        if receipt is not None:
            outcome, tries = type(receipt.outcome), receipt.tries
            if len(tries) == 1:
                chain, ending = tries[0].model, tries[0].ending
            else:
                chain = tuple([(one.model, one.ending) for one in tries])
        stages = tuple(record.stages)
        # Flat: a tuple within another is made, hashed and compared at twice the cost of what is in it.
        key = (
            record.path,
            record.status,
            record.code,
            record.is_stream,
            route,
            router,
            first,
            outcome,
            chain,
            ending,
            stages,
            is_estimated,
        )
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = self._clerk.common(record), []
        return group


def _attempts(chain: Chain, tries: Sequence[Try], head_at: float) -> tuple[Attempted, ...]:
    """The account of a chain. ``head_at``: when the request's head was there, monotonic seconds."""
    if len(chain) == 1 and chain[0][1] not in _PASSED_OVER:
        # Nearly always: without loop and call it takes half.
        (model, ending), began_s = chain[0], tries[0].began_at - head_at
        return (Attempted(model, ending, began_s if began_s > 0.0 else 0.0, tries[0].seconds),)
    return tuple(
        [
            Attempted(model, ending, 0.0, None)
            if ending in _PASSED_OVER
            else Attempted(model, ending, max(0.0, one.began_at - head_at), one.seconds)
            for (model, ending), one in zip(chain, tries, strict=True)
        ]
    )


def _served(
    record: Record, attempt: Try, usage: Usage | None
) -> tuple[Usage | None, float | None, float | None, float | None, float | None]:
    """Of an answer: what it used and cost, and the seconds to its first token, its first content and its end.

    See ``Entry``; ``attempt``: the good one.
    """
    decision, began_at = record.decision, attempt.began_at
    if usage is not None and usage.is_estimated:
        usage = accounted(decision, attempt.model, usage)
    if not record.is_stream:
        return usage, record.cost_usd, None, None, attempt.seconds
    return (
        usage,
        answer_cost(decision, attempt.model, usage),
        # A streamed answer is held back until its first content.
        record.arrived_s + sum([seconds for stage, seconds in record.stages.items() if stage != "connect"]),
        attempt.seconds if record.first_content_at is None else record.first_content_at - began_at,
        None if record.content_ended_at is None else record.content_ended_at - began_at,
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
