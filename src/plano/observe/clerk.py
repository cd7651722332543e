"""Entries of records: worked out once, away from the path of the request, and every reader takes them from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from plano.domain.attempt import Answered, Skipped, Try
from plano.domain.model import Dialect
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


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
