"""The table of paths, and what each of them does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec

from plano.assembly import Decider, is_off, trace_of, wishes
from plano.domain.attempt import Answered
from plano.domain.decision import Decision
from plano.domain.model import Dialect
from plano.domain.request import Call, ChatRequest, Metered
from plano.domain.secret import Secret
from plano.domain.usage import Usage
from plano.errors import (
    Draining,
    GatewayOverloaded,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    PlanoError,
    Unauthorized,
    UnsupportedMediaType,
)
from plano.gateway import Completion
from plano.http1.head import RequestHead
from plano.observe.journal import Journal
from plano.observe.log import Log
from plano.ports import Upstream
from plano.server import relay
from plano.server.callers import Callers, credential
from plano.server.capacity import Capacity
from plano.server.counting import Counting
from plano.server.exchange import Exchange
from plano.server.readiness import Readiness
from plano.server.reading import Reading
from plano.server.reply import JSON, Reply
from plano.server.routing import Routing
from plano.server.sessions import Sessions
from plano.server.story import Storyteller
from plano.upstream.fields import TO_PROVIDER
from plano.wire import decision as decision_wire
from plano.wire import model_list
from plano.wire.json_guard import LARGE_BYTES
from plano.wire.request_text import text_tokens

_OVERLOADED = "all places are taken; try again in a second"

Parse = Callable[[bytes, Dialect], ChatRequest]
Handler = Callable[["Endpoints", Reply], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``method`` and its handler. ``dialect``: of errors, and of the body where ``takes_json``."""

    method: str
    handler: Handler
    dialect: Dialect = Dialect.OPENAI_CHAT
    takes_json: bool = False


@dataclass(slots=True)
class Endpoints:
    """Serves requests: ``plano.server.exchange.Application``.

    ``hosts``: the names a loopback listener answers to, empty for any. ``sampled_share``: how many (0..1) of the traces
    that begin here are recorded.
    """

    decider: Decider
    routing: Routing
    reading: Reading
    upstream: Upstream
    counting: Counting
    readiness: Readiness
    log: Log
    journal: Journal
    callers: Callers
    capacity: Capacity
    sessions: Sessions
    hosts: frozenset[str] = field(default_factory=frozenset)
    sampled_share: float = 1.0
    storyteller: Storyteller = field(default_factory=Storyteller)
    _known_host: str | None = None

    def refuse(self, exchange: Exchange) -> bool:
        """Answers what its head alone condemns: path, method, host, media type, a gateway that is shutting down."""
        assert exchange.head is not None
        error = self._mistake(exchange.head)
        if error is not None:
            self._fail(self._reply(exchange), error)
        return error is not None

    def refuse_bytes(self, exchange: Exchange, error: PlanoError) -> None:
        """Answers a request that is none, or did not arrive whole."""
        self._fail(self._reply(exchange), error)

    async def serve(self, exchange: Exchange) -> None:
        """Answers a whole request; whatever happens, the caller gets an answer in the right shape."""
        assert exchange.head is not None
        reply = self._reply(exchange)
        endpoint = PATHS[exchange.head.path]
        try:
            if endpoint.takes_json and self.capacity.is_over and not await self.capacity.place():
                raise GatewayOverloaded(_OVERLOADED)
            await endpoint.handler(self, reply)
        except PlanoError as error:
            self._fail(reply, error)
        except asyncio.CancelledError:
            if exchange.stopped_by is None or exchange.answer_begun:
                self.journal.add(reply.left())
                raise
            self._fail(reply, exchange.stopped_by)
        except Exception as bug:
            self.log.bug(reply.trace_id, bug)
            told = InternalError("an internal error; the trace id is in the log")
            if exchange.answer_begun:
                exchange.abort()
                self.journal.add(reply.record(told.code))
            else:
                self._fail(reply, told)

    def _mistake(self, head: RequestHead) -> PlanoError | None:
        fields = head.fields
        if self.hosts and not self._is_ours(fields.get("host", "")):
            return InvalidRequest("this listener answers to localhost only; the Host field names another")
        if head.path not in OPEN_PATHS and not self.callers.admit(fields):
            return Unauthorized("a caller's key is needed: send it as 'Authorization: Bearer …'")
        endpoint = PATHS.get(head.path)
        if endpoint is None:
            return NotFound("there is no such path")
        if head.method != endpoint.method and (head.method, endpoint.method) != ("HEAD", "GET"):
            return MethodNotAllowed(f"{head.path} takes {endpoint.method}", allow=endpoint.method)
        if endpoint.takes_json:
            if self.readiness.is_draining:
                return Draining("the gateway is shutting down")
            if self.capacity.is_full:
                return GatewayOverloaded(_OVERLOADED)
            if fields.get("content-type") != JSON or "content-encoding" in fields:
                return _media_mistake(fields.get("content-type", ""), fields.get("content-encoding", "identity"))
        return None

    def _is_ours(self, host: str) -> bool:
        """Does a Host field name this listener? The last one that did is remembered."""
        if host == self._known_host:
            return True
        is_ours = host_name(host) in self.hosts
        if is_ours:
            self._known_host = host
        return is_ours

    def _fail(self, reply: Reply, error: PlanoError) -> None:
        reply.fail(error)
        self.journal.add(reply.record(error.code))

    def _reply(self, exchange: Exchange) -> Reply:
        head = exchange.head
        if head is None:
            return Reply(exchange, trace_of(None, self.sampled_share), dialect=Dialect.OPENAI_CHAT)
        trace = trace_of(head.fields.get("traceparent"), self.sampled_share)
        return Reply(exchange, trace, dialect=_dialect(head), storyteller=self.storyteller)


async def _decide(endpoints: Endpoints, reply: Reply, decider: Decider, parse: Parse) -> Decision:
    has_tenants = not endpoints.callers.is_open
    body, dialect = reply.exchange.body, reply.dialect
    is_large = len(body) > LARGE_BYTES
    reply.request = await endpoints.reading.do(parse, body, dialect) if is_large else parse(body, dialect)
    reply.mark("parse")
    fields, session = reply.fields, None
    sessions = endpoints.sessions
    if sessions.are_implicit or "x-model-affinity" in fields or "x-claude-code-session-id" in fields:
        session = await sessions.of(fields, reply.request, decider.gateway.policy, has_tenants=has_tenants)
    steps = decider.gateway.decide(reply.request, wishes(reply.trace_id, fields, session))
    try:
        question = next(steps)
        routing, routers = endpoints.routing, decider.routers
        intent = routing.recall(question, routers) or await routing.intent(question, routers, reply.trace)
        reply.mark("route")
        steps.send(intent)
    except StopIteration as end:
        reply.mark("rank")
        decided: Decision = end.value
        reply.decision = decided
        if decided.affinity is not None and decided.affinity.switch is not None:
            sessions.weighed(decided.affinity.switch)
        return decided
    raise AssertionError("a decision asks one question")


async def decision(endpoints: Endpoints, reply: Reply) -> None:
    """Who should serve this request. Never calls a candidate."""
    decider = endpoints.decider
    decided = await _decide(endpoints, reply, decider, decider.parse)
    explain = reply.query_flag("explain")
    media_type = decision_wire.MEDIA_TYPE if reply.wants_decision else JSON
    reply.answer(200, (), decision_wire.render(decided, explain=explain), media_type=media_type)
    if decided.affinity is not None:
        endpoints.sessions.keep(decided, decided.models[0])
    endpoints.journal.add(reply.record())


async def completion(endpoints: Endpoints, reply: Reply) -> None:
    """The same decision, executed; or the decision itself where the caller accepts that."""
    if reply.wants_decision:
        await decision(endpoints, reply)
        return
    # A reload puts another one there: whoever has begun finishes where it began.
    decider, passes_keys = endpoints.decider, endpoints.callers.passes_keys(reply.exchange.received_at)
    decided = await _decide(endpoints, reply, decider, decider.parse_whole)
    call = _call(reply, passes_keys=passes_keys)
    selected = decider.board.limits.selected(reply.fields)
    if selected is not None:
        call = msgspec.structs.replace(call, metered=await _metered(endpoints, reply, selected))
    gateway = decider.gateway
    done = await gateway.complete(call, decided, endpoints.upstream, left=reply.keep)
    reply.receipt = done.receipt
    if done.answer is not None:
        reply.timed("connect", done.answer.connect_s)
    reply.mark("ttft")
    _keep_session(endpoints, decided, done)
    try:
        broken = await relay.hand_over(reply, done)
    except BaseException:
        gateway.ended(done, None, has_left=True)
        raise
    gateway.ended(done, broken)
    if reply.usage is not None:
        _keep_session(endpoints, decided, done, usage=reply.usage)
    refused = None if done.answer is None else done.answer.code
    endpoints.journal.add(reply.record(refused if broken is None else broken.code))


def _keep_session(
    endpoints: Endpoints, decided: Decision, done: Completion, *, usage: Callable[[], Usage | None] | None = None
) -> None:
    """Binds the session, if there is one, to the model that answers: when it begins to, and once its usage is known."""
    if decided.affinity is None or not isinstance(done.receipt.outcome, Answered):
        return
    counted = None if usage is None else usage()
    if usage is None or counted is not None:
        endpoints.sessions.keep(decided, done.receipt.tries[-1].model, usage=counted)


async def count_tokens(endpoints: Endpoints, reply: Reply) -> None:
    """How many tokens a request has. Nobody is routed for it."""
    decider, passes_keys = endpoints.decider, endpoints.callers.passes_keys(reply.exchange.received_at)
    parse, body, dialect = decider.parse, reply.exchange.body, reply.dialect
    is_large = len(body) > LARGE_BYTES
    request = await endpoints.reading.do(parse, body, dialect) if is_large else parse(body, dialect)
    reply.request = msgspec.structs.replace(request, is_count=True, is_stream=False)
    answer = await endpoints.counting.count(_call(reply, passes_keys=passes_keys), decider.gateway)
    assert isinstance(answer.body, bytes)
    reply.answer(answer.status, answer.headers, answer.body, media_type=None)
    endpoints.journal.add(reply.record())


async def models(endpoints: Endpoints, reply: Reply) -> None:
    """The declared models and aliases, in the shape that the caller's client knows."""
    reply.answer(200, (), model_list.render(endpoints.decider.gateway.policy.models, reply.dialect))


async def healthz(_endpoints: Endpoints, reply: Reply) -> None:
    """The process lives."""
    reply.answer(200, (), b'{"status":"alive"}')


async def readyz(endpoints: Endpoints, reply: Reply) -> None:
    """Can requests be served, and if not, why not?"""
    readiness = endpoints.readiness
    reply.answer(200 if readiness.is_ready else 503, (), readiness.render())


OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""Those that need no key where keys are asked for."""

PATHS: dict[str, Endpoint] = {
    "/v1/chat/completions": Endpoint("POST", completion, Dialect.OPENAI_CHAT, takes_json=True),
    "/v1/messages": Endpoint("POST", completion, Dialect.ANTHROPIC_MESSAGES, takes_json=True),
    "/v1/responses": Endpoint("POST", completion, Dialect.OPENAI_RESPONSES, takes_json=True),
    "/routing/v1/chat/completions": Endpoint("POST", decision, Dialect.OPENAI_CHAT, takes_json=True),
    "/routing/v1/messages": Endpoint("POST", decision, Dialect.ANTHROPIC_MESSAGES, takes_json=True),
    "/routing/v1/responses": Endpoint("POST", decision, Dialect.OPENAI_RESPONSES, takes_json=True),
    "/v1/messages/count_tokens": Endpoint("POST", count_tokens, Dialect.ANTHROPIC_MESSAGES, takes_json=True),
    "/v1/models": Endpoint("GET", models),
    "/healthz": Endpoint("GET", healthz),
    "/readyz": Endpoint("GET", readyz),
}


def _dialect(head: RequestHead) -> Dialect:
    """The dialect of the answer to a request, known or not: of its path, else the one its caller seems to speak."""
    endpoint = PATHS.get(head.path)
    if endpoint is not None and endpoint.takes_json:
        return endpoint.dialect
    is_anthropic = "anthropic-version" in head.fields or head.path.startswith(
        ("/v1/messages/", "/routing/v1/messages/")
    )
    return Dialect.ANTHROPIC_MESSAGES if is_anthropic else Dialect.OPENAI_CHAT


def _call(reply: Reply, *, passes_keys: bool) -> Call:
    """What attempts are made from. ``passes_keys``: is the caller's own key, if there is one, meant for a provider?"""
    assert reply.request is not None
    fields, head = reply.fields, reply.exchange.head
    sent = [(name, fields[name]) for name in TO_PROVIDER[reply.dialect] if name in fields]
    if "connection" in fields and head is not None:
        own_hop = head.connection_options
        sent = [field for field in sent if field[0] not in own_hop]
    if reply.trace.parent_id is not None and "tracestate" in fields:
        sent.append(("tracestate", fields["tracestate"]))
    sent.append(("traceparent", reply.traceparent))
    if "x-request-id" not in fields:
        sent.append(("x-request-id", reply.trace.trace_id))
    key = credential(fields) if passes_keys else None
    return Call(
        reply.request,
        tuple(sent),
        reply.trace.trace_id,
        received_at=reply.arrived_at,
        credential=Secret(key) if key is not None else None,
        cache_off="x-plano-cache" in fields and is_off(fields["x-plano-cache"]),
    )


async def _metered(endpoints: Endpoints, reply: Reply, selected: tuple[str, str]) -> Metered:
    """What the limits on tokens count. ``selected``: the header field they are for, and its value."""
    body = reply.exchange.body
    tokens = await endpoints.reading.do(text_tokens, body) if len(body) > LARGE_BYTES else text_tokens(body)
    return Metered(*selected, tokens)


def _media_mistake(content_type: str, content_encoding: str) -> PlanoError | None:
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() != "application/json":
        return UnsupportedMediaType("the body must be application/json")
    charset = parameters.lower().partition("charset=")[2].strip().strip('"')
    if charset and charset not in ("utf-8", "utf8"):
        return UnsupportedMediaType("the body must be UTF-8")
    if content_encoding.strip().lower() != "identity":
        return UnsupportedMediaType("compressed request bodies are not accepted")
    return None


def host_name(host: str) -> str:
    """The name in a Host field, port and brackets removed."""
    name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    return name.lower()
