"""The admin endpoints, for whoever runs the gateway: metrics, health, the latest requests, the page. They only read.

The one exception is the playground of the page, which has a request served as if a caller had sent it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from plano.assembly import trace_of
from plano.domain.model import Dialect
from plano.errors import (
    GatewayOverloaded,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    PlanoError,
    Unauthorized,
)
from plano.http1.head import RequestHead
from plano.observe import grafana
from plano.observe.events import TooManyViewers, rendered
from plano.observe.exposition import CONTENT_TYPE
from plano.observe.log import Log
from plano.observe.metrics import Metrics
from plano.observe.overview import columns, columns_of
from plano.observe.records import MAX_RECORDS, Records
from plano.observe.series import STRETCH_S, STRETCHES
from plano.server.admin import playground, ui
from plano.server.admin.watch import Watch, sse_fields
from plano.server.answering.asking import JSON, host_name
from plano.server.answering.exchange import Exchange
from plano.server.answering.reply import Reply
from plano.server.callers import Callers
from plano.server.endpoints import OPEN_PATHS, Endpoints
from plano.wire import json_guard

RECORDS = "/admin/records"
DEFAULT_SHOWN = 100

_FIELDS: Final = (("cache-control", "no-store"), ("x-content-type-options", "nosniff"))

Handler = Callable[["AdminEndpoints", Reply], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AdminEndpoints:
    """Serves requests: ``plano.server.answering.exchange.Application``.

    The journal is emptied before anything is read, so that a request can be seen as soon as it is answered.
    ``holders``: who has the token; everybody where there is none. ``hosts``: the names that a loopback listener
    answers to, empty for any. ``about``: what the gateway was configured to do, as JSON. ``played``: serves the
    requests of the playground.
    """

    watch: Watch
    metrics: Metrics
    records: Records
    log: Log
    holders: Callers
    hosts: frozenset[str]
    about: Callable[[], bytes]
    played: Endpoints
    files: ui.Files

    def refuse(self, exchange: Exchange) -> bool:
        """Answers what its head alone condemns: host, token, path, method, a request of another site's page."""
        assert exchange.head is not None
        error = self._mistake(exchange.head)
        if error is not None:
            _reply(exchange).fail(error)
        return error is not None

    def refuse_bytes(self, exchange: Exchange, error: PlanoError) -> None:
        """Answers a request that is none, or did not arrive whole."""
        _reply(exchange).fail(error)

    def left(self, exchange: Exchange) -> None:
        """Nobody waits for it: what is asked here is not kept."""

    async def serve(self, exchange: Exchange) -> None:
        """Answers a whole request."""
        assert exchange.head is not None
        reply = _reply(exchange)
        try:
            self.played.journal.flush()
            await _path(exchange.head.path).handler(self, reply)
        except PlanoError as error:
            reply.fail(error)
        except Exception as bug:
            self.log.bug(reply.trace_id, bug)
            if exchange.answer_begun:
                exchange.abort()
            else:
                reply.fail(InternalError("an internal error; the trace id is in the log"))

    def _mistake(self, head: RequestHead) -> PlanoError | None:
        if self.hosts and host_name(head.fields.get("host", "")) not in self.hosts:
            return InvalidRequest("this listener answers to its own address only; the Host field names another")
        if not (head.path in OPEN_PATHS or _is_page(head.path) or self.holders.admit(head.fields)):
            return Unauthorized("the admin token is needed: send it as 'Authorization: Bearer …'")
        try:
            path = _path(head.path)
        except NotFound as error:
            return error
        if head.method not in path.methods:
            return MethodNotAllowed(f"{head.path} takes {path.methods[0]}", allow=path.methods[0])
        return playground.mistake(head.fields) if head.path in playground.PATHS else None


async def scrape(endpoints: AdminEndpoints, reply: Reply) -> None:
    """Every number, for Prometheus."""
    reply.answer(200, _FIELDS, endpoints.metrics.render(), media_type=CONTENT_TYPE)


async def healthz(_endpoints: AdminEndpoints, reply: Reply) -> None:
    """The process lives."""
    reply.answer(200, _FIELDS, b'{"status":"alive"}')


async def readyz(endpoints: AdminEndpoints, reply: Reply) -> None:
    """Can requests be served, and if not, why not?"""
    readiness = endpoints.watch.readiness
    reply.answer(200 if readiness.is_ready else 503, _FIELDS, readiness.render())


async def latest(endpoints: AdminEndpoints, reply: Reply) -> None:
    """The latest requests, newest first; ``?limit=N`` of them. Raises InvalidRequest for any other limit."""
    _answer_records(reply, endpoints.records.latest(_limit(_parameter(reply, "limit"))))


async def one_trace(endpoints: AdminEndpoints, reply: Reply) -> None:
    """The requests of one trace, newest first. Raises NotFound."""
    found = endpoints.records.of(_head(reply).path.removeprefix(f"{RECORDS}/"))
    if not found:
        raise NotFound(f"no request of this trace is kept: they are, at most, the last {MAX_RECORDS:,}")
    _answer_records(reply, found)


async def state(endpoints: AdminEndpoints, reply: Reply) -> None:
    """The gateway now, and the last five minutes."""
    reply.answer(200, _FIELDS, endpoints.watch.state(), media_type=JSON)


async def series(endpoints: AdminEndpoints, reply: Reply) -> None:
    """The last hour over time; ``?model=NAME`` of one model."""
    stretches, model = endpoints.watch.series.last(STRETCH_S * STRETCHES), _parameter(reply, "model")
    found = columns(stretches) if model is None else columns_of(model, stretches)
    reply.answer(200, _FIELDS, json_guard.dumps(found), media_type=JSON)


async def config(endpoints: AdminEndpoints, reply: Reply) -> None:
    """What the gateway was configured to do, each value with its origin."""
    reply.answer(200, _FIELDS, endpoints.about(), media_type=JSON)


async def for_grafana(_endpoints: AdminEndpoints, reply: Reply) -> None:
    """The dashboard for Grafana, to import."""
    reply.answer(200, _FIELDS, grafana.dashboard(), media_type=JSON)


async def events(endpoints: AdminEndpoints, reply: Reply) -> None:
    """The state twice a second and each request as it is answered, as long as somebody reads fast enough."""
    hub, exchange = endpoints.watch.events, reply.exchange
    try:
        viewer = hub.enter()
    except TooManyViewers:
        raise GatewayOverloaded("too many look already; close another page") from None
    try:
        reply.begin(200, sse_fields(_FIELDS))
        exchange.send(rendered("state", endpoints.watch.state()))
        while not viewer.is_dropped:
            told = await viewer.next()
            if told and not exchange.send(told):
                await exchange.drained()
    except asyncio.CancelledError:
        if exchange.stopped_by is None:
            raise
    finally:
        hub.leave(viewer)
    exchange.abort()


async def play(endpoints: AdminEndpoints, reply: Reply) -> None:
    """A request of the playground."""
    await playground.play(endpoints.played, reply.exchange)


async def page(endpoints: AdminEndpoints, reply: Reply) -> None:
    """A file of the page. Raises NotFound."""
    head = _head(reply)
    if head.path == "/ui":
        reply.answer(308, (("location", "/ui/"), *ui.FIELDS), b"", media_type="text/plain")
        return
    file = endpoints.files.find(head.path)
    if file is None:
        raise NotFound("there is no such file")
    fields = (("etag", file.tag), *ui.FIELDS)
    is_known = file.tag in head.fields.get("if-none-match", "")
    reply.answer(304 if is_known else 200, fields, b"" if is_known else file.body, media_type=file.media_type)


_READS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Path:
    """What serves a path, and the methods it takes; the first of them is the one to name."""

    handler: Handler
    methods: tuple[str, ...] = _READS


PATHS: Final[Mapping[str, Path]] = {
    "/metrics": Path(scrape),
    "/healthz": Path(healthz),
    "/readyz": Path(readyz),
    RECORDS: Path(latest),
    "/admin/state": Path(state),
    "/admin/series": Path(series),
    "/admin/config": Path(config),
    "/admin/grafana.json": Path(for_grafana),
    "/admin/events": Path(events, ("GET",)),
    "/admin/decide": Path(play, ("POST",)),
    "/admin/run": Path(play, ("POST",)),
}
"""Every path; beside them, ``/admin/records/TRACE`` and the files of the page."""

_ONE_TRACE: Final = Path(one_trace)
_PAGE: Final = Path(page)


def _path(path: str) -> Path:
    """What serves a path. Raises NotFound."""
    known = PATHS.get(path)
    if known is not None:
        return known
    if path.rpartition("/")[0] == RECORDS:
        return _ONE_TRACE
    if _is_page(path):
        return _PAGE
    raise NotFound("there is no such path")


def _is_page(path: str) -> bool:
    """The files of the page hold nothing that a token protects: it is asked for by the page itself."""
    return path == "/ui" or path.startswith("/ui/")


def _answer_records(reply: Reply, bodies: tuple[bytes, ...]) -> None:
    reply.answer(200, _FIELDS, b'{"records":[' + b",".join(bodies) + b"]}", media_type=JSON)


def _head(reply: Reply) -> RequestHead:
    assert reply.exchange.head is not None
    return reply.exchange.head


def _parameter(reply: Reply, name: str) -> str | None:
    """The last value of a parameter of the query, None when there is none."""
    return parse_qs(_head(reply).query or "", keep_blank_values=True).get(name, [None])[-1]


def _limit(given: str | None) -> int:
    if given is None:
        return DEFAULT_SHOWN
    if not (given.isascii() and given.isdigit() and len(given) <= 4 and 1 <= int(given) <= MAX_RECORDS):
        raise InvalidRequest(f"limit is a whole number from 1 to {MAX_RECORDS}", param="limit")
    return int(given)


def _reply(exchange: Exchange) -> Reply:
    given = exchange.head.fields.get("traceparent") if exchange.head is not None else None
    return Reply(exchange, trace_of(given), Dialect.OPENAI_CHAT)
