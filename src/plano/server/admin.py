"""The admin endpoints, for whoever runs the gateway: metrics, health, the latest requests. They only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from plano.assembly import trace_of
from plano.domain.model import Dialect
from plano.errors import InternalError, InvalidRequest, MethodNotAllowed, NotFound, PlanoError, Unauthorized
from plano.http1.head import RequestHead
from plano.observe.exposition import CONTENT_TYPE
from plano.observe.journal import Journal
from plano.observe.log import Log
from plano.observe.metrics import Metrics
from plano.observe.records import MAX_RECORDS, Records
from plano.server.callers import Callers
from plano.server.endpoints import OPEN_PATHS, host_name
from plano.server.exchange import Exchange
from plano.server.readiness import Readiness
from plano.server.reply import JSON, Reply

RECORDS = "/admin/records"
DEFAULT_SHOWN = 100

_FIELDS: Final = (("cache-control", "no-store"), ("x-content-type-options", "nosniff"))


@dataclass(frozen=True, slots=True)
class AdminEndpoints:
    """Serves requests: ``plano.server.connection.Application``.

    ``journal`` is emptied before anything is read, so that a request can be seen as soon as it is answered.
    ``holders``: who has the token; everybody where there is none. ``hosts``: the names that a loopback listener
    answers to, empty for any.
    """

    journal: Journal
    metrics: Metrics
    records: Records
    readiness: Readiness
    log: Log
    holders: Callers
    hosts: frozenset[str]

    def refuse(self, exchange: Exchange) -> bool:
        """Answers what its head alone condemns: host, token, path, method."""
        assert exchange.head is not None
        error = self._mistake(exchange.head)
        if error is not None:
            _reply(exchange).fail(error)
        return error is not None

    def refuse_bytes(self, exchange: Exchange, error: PlanoError) -> None:
        """Answers a request that is none, or did not arrive whole."""
        _reply(exchange).fail(error)

    async def serve(self, exchange: Exchange) -> None:
        """Answers a whole request."""
        assert exchange.head is not None
        reply = _reply(exchange)
        try:
            self.journal.flush()
            _handler(exchange.head.path)(self, reply)
        except PlanoError as error:
            reply.fail(error)
        except Exception as bug:
            self.log.bug(reply.trace_id, bug)
            reply.fail(InternalError("an internal error; the trace id is in the log"))

    def _mistake(self, head: RequestHead) -> PlanoError | None:
        if self.hosts and host_name(head.fields.get("host", "")) not in self.hosts:
            return InvalidRequest("this listener answers to its own address only; the Host field names another")
        if head.path not in OPEN_PATHS and not self.holders.admit(head.fields):
            return Unauthorized("the admin token is needed: send it as 'Authorization: Bearer …'")
        try:
            _handler(head.path)
        except NotFound as error:
            return error
        if head.method not in ("GET", "HEAD"):
            return MethodNotAllowed(f"{head.path} takes GET", allow="GET")
        return None


Handler = Callable[[AdminEndpoints, Reply], None]


def scrape(endpoints: AdminEndpoints, reply: Reply) -> None:
    """Every number, for Prometheus."""
    reply.answer(200, _FIELDS, endpoints.metrics.render(), media_type=CONTENT_TYPE)


def healthz(_endpoints: AdminEndpoints, reply: Reply) -> None:
    """The process lives."""
    reply.answer(200, _FIELDS, b'{"status":"alive"}')


def readyz(endpoints: AdminEndpoints, reply: Reply) -> None:
    """Can requests be served, and if not, why not?"""
    readiness = endpoints.readiness
    reply.answer(200 if readiness.is_ready else 503, _FIELDS, readiness.render())


def latest(endpoints: AdminEndpoints, reply: Reply) -> None:
    """The latest requests, newest first; ``?limit=N`` of them. Raises InvalidRequest for any other limit."""
    head = reply.exchange.head
    assert head is not None
    _answer_records(reply, endpoints.records.latest(_limit(head.query or "")))


def one_trace(endpoints: AdminEndpoints, reply: Reply) -> None:
    """The requests of one trace, newest first. Raises NotFound."""
    head = reply.exchange.head
    assert head is not None
    found = endpoints.records.of(head.path.removeprefix(f"{RECORDS}/"))
    if not found:
        raise NotFound(f"no request of this trace is kept: they are, at most, the last {MAX_RECORDS:,}")
    _answer_records(reply, found)


PATHS: Final[Mapping[str, Handler]] = {
    "/metrics": scrape,
    "/healthz": healthz,
    "/readyz": readyz,
    RECORDS: latest,
}
"""Every path; beside them, ``/admin/records/TRACE``."""


def _handler(path: str) -> Handler:
    """What serves a path. Raises NotFound."""
    handler = PATHS.get(path)
    if handler is not None:
        return handler
    if path.rpartition("/")[0] == RECORDS:
        return one_trace
    raise NotFound("there is no such path")


def _answer_records(reply: Reply, bodies: tuple[bytes, ...]) -> None:
    reply.answer(200, _FIELDS, b'{"records":[' + b",".join(bodies) + b"]}", media_type=JSON)


def _limit(query: str) -> int:
    given = parse_qs(query, keep_blank_values=True).get("limit", [str(DEFAULT_SHOWN)])[-1]
    if not (given.isascii() and given.isdigit() and len(given) <= 4 and 1 <= int(given) <= MAX_RECORDS):
        raise InvalidRequest(f"limit is a whole number from 1 to {MAX_RECORDS}", param="limit")
    return int(given)


def _reply(exchange: Exchange) -> Reply:
    given = exchange.head.fields.get("traceparent") if exchange.head is not None else None
    return Reply(exchange, trace_of(given), Dialect.OPENAI_CHAT)
