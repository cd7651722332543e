"""One answer in the making: what is known of it so far, and the fields that every answer carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from urllib.parse import parse_qs

from plano.domain.attempt import Receipt
from plano.domain.decision import Decision
from plano.domain.model import Dialect
from plano.domain.request import ChatRequest
from plano.domain.usage import Usage
from plano.errors import ChainFailed, GatewayOverloaded, MethodNotAllowed, PlanoError
from plano.observe.record import Record
from plano.server.answering.asking import JSON
from plano.server.answering.exchange import Exchange, Fields
from plano.server.answering.story import Storyteller, shown
from plano.wire.dialects import errors
from plano.wire.traceparent import TraceContext

CLIENT_CLOSED = 499

_NO_FIELDS: Mapping[str, str] = {}


class Reply:
    """The answer to one exchange, in ``dialect``.

    ``arrived_at``: when the request was there, monotonic seconds: all of it, or its head where that was refused.
    ``request``, ``decision`` and ``receipt`` are None until they are known. ``usage``: says what the answer used.
    ``cost_usd``: of an answer that came whole. ``size``: bytes of its body. ``first_content_at``,
    ``content_ended_at``: of a stream, see ``plano.ports.Stream``. ``warnings``: one line for each part that a
    translation could not carry; ``asides``: those that the caller is not told.
    """

    __slots__ = (
        *("_marked_at", "_storyteller", "arrived_at", "asides", "content_ended_at", "cost_usd", "decision", "dialect"),
        *("exchange", "fields", "first_content_at", "receipt", "request", "size", "stages", "status", "trace"),
        *("traceparent", "usage", "warnings"),
    )

    def __init__(
        self, exchange: Exchange, trace: TraceContext, dialect: Dialect, storyteller: Storyteller | None = None
    ) -> None:
        self._storyteller = storyteller or Storyteller()
        self.exchange = exchange
        self.trace = trace
        self.traceparent = trace.header
        self.dialect = dialect
        self.warnings: tuple[str, ...] = ()
        self.asides: tuple[str, ...] = ()
        self.fields: Mapping[str, str] = exchange.head.fields if exchange.head is not None else _NO_FIELDS
        self.request: ChatRequest | None = None
        self.decision: Decision | None = None
        self.receipt: Receipt | None = None
        self.status = 0
        self.stages: dict[str, float] = {}
        self.size = 0
        self.cost_usd: float | None = None
        self.first_content_at: float | None = None
        self.content_ended_at: float | None = None
        self.usage: Callable[[], Usage | None] | None = None
        self.arrived_at = self._marked_at = exchange.now()

    @property
    def trace_id(self) -> str:
        """The id that ties body, field, log line and span together."""
        return self.trace.trace_id

    def query_flag(self, name: str) -> bool:
        """Is ``?name=1`` (or ``true``) set?"""
        query = self.exchange.head.query if self.exchange.head is not None else None
        return bool(query) and parse_qs(query or "").get(name, [""])[-1].lower() in ("1", "true")

    def mark(self, stage: str) -> None:
        """A stage of ``server-timing`` ends now."""
        now = self.exchange.now()
        self.stages[stage] = now - self._marked_at
        self._marked_at = now

    def timed(self, stage: str, seconds: float) -> None:
        """A stage of ``server-timing`` took that long."""
        self.stages[stage] = seconds

    def record(self, code: str | None = None) -> Record:
        """What is remembered of the request, now that it is answered; ``code``: of the error it was answered with."""
        exchange, request = self.exchange, self.request
        now = exchange.now()
        # In the order of the fields: so many keywords would take longer than all the rest.
        return Record(
            self.trace.trace_id,
            self.status,
            now - exchange.received_at,
            exchange.head.path if exchange.head is not None else None,
            self.fields.get("x-request-id"),
            code,
            self.decision,
            self.receipt,
            self.stages,
            now,
            self.arrived_at - exchange.received_at,
            self.trace,
            request.model if request is not None else None,
            request.is_stream if request is not None else None,
            self.usage,
            self.cost_usd,
            len(exchange.body),
            self.size,
            self.fields,
            request.needs.prompt_bytes if request is not None else 0,
            self.first_content_at,
            self.content_ended_at,
            self.warnings + self.asides,
            exchange.head.method if exchange.head is not None else None,
        )

    def keep(self, receipt: Receipt) -> None:
        """What was tried for the caller."""
        self.receipt = receipt

    def left(self) -> Record:
        """What is remembered of a request whose caller left; status 499, as nginx says it, when no answer had begun."""
        self.status = self.status or CLIENT_CLOSED
        return self.record("client_closed")

    def answer(self, status: int, extra: Fields, body: bytes, *, media_type: str | None = JSON) -> None:
        """Sends a whole answer. ``media_type``: None where ``extra`` may hold it; JSON when it does not."""
        self.status = status
        self.size = len(body)
        fields = [*extra, *self._own_fields()]
        if media_type is not None or "content-type" not in dict(extra):
            fields.insert(0, ("content-type", media_type or JSON))
        self.exchange.answer(status, fields, body)

    def begin(self, status: int, extra: Fields) -> None:
        """Sends the head of an answer that comes in pieces."""
        self.status = status
        self.exchange.begin(status, [*extra, *self._own_fields()])

    def fail(self, error: PlanoError) -> None:
        """Sends an error in the shape of the endpoint's dialect."""
        body = errors.render_error(error, self.dialect, self.trace_id)
        self.answer(errors.status_in(error, self.dialect), _error_fields(error), body)

    def _own_fields(self) -> list[tuple[str, str]]:
        own = [("traceparent", self.traceparent)]
        if self.stages:
            own.append(("server-timing", self._storyteller.timing(self.stages)))
        if self.decision is not None:
            own += self._storyteller.of(self.decision, self.receipt)
        if self.warnings:
            own.append(("x-plano-warnings", shown("; ".join(self.warnings))))
        return own


def _error_fields(error: PlanoError) -> list[tuple[str, str]]:
    fields = []
    if isinstance(error, MethodNotAllowed):
        fields.append(("allow", error.allow))
    if isinstance(error, GatewayOverloaded):
        fields.append(("retry-after", "1"))
    if isinstance(error, ChainFailed):
        if error.tried:
            fields.append(("x-should-retry", "false"))
        if error.retry_after_s is not None:
            fields.append(("retry-after", str(ceil(error.retry_after_s))))
    return fields
