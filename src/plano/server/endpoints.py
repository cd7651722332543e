"""The table of paths, and what each of them does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

import msgspec

from plano.assembly import Decider, trace_of, wishes
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
    MethodNotAllowed,
    NotFound,
    PlanoError,
    Unauthorized,
)
from plano.gateway import Completion
from plano.http1.head import RequestHead
from plano.observe.journal import Journal
from plano.observe.log import Log
from plano.ports import Upstream
from plano.server.answering.asking import JSON, Asking, asking_of
from plano.server.answering.exchange import Exchange
from plano.server.answering.relay import hand_over, relay
from plano.server.answering.reply import Reply
from plano.server.answering.story import Storyteller
from plano.server.callers import Callers, credential
from plano.server.capacity import Capacity
from plano.server.counting import Counting
from plano.server.readiness import Readiness
from plano.server.reading import Reading
from plano.server.routing import Routing
from plano.server.sessions import Sessions
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
    """Serves requests: ``plano.server.answering.exchange.Application``.

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

    def refuse(self, exchange: Exchange) -> bool:
        """Answers what its head alone condemns: path, method, host, media type, a gateway that is shutting down."""
        assert exchange.head is not None
        asking = exchange.asking = exchange.asking or self._asking(exchange.head)
        error = self._mistake(exchange.head, asking)
        if error is not None:
            self._fail(self._reply(exchange), error)
        return error is not None

    def refuse_bytes(self, exchange: Exchange, error: PlanoError) -> None:
        """Answers a request that is none, or did not arrive whole."""
        self._fail(self._reply(exchange), error)

    def left(self, exchange: Exchange) -> None:
        """Takes note of a caller who left before its request was whole."""
        self.journal.add(self._reply(exchange).left())

    async def serve(self, exchange: Exchange) -> None:
        """Answers a whole request; whatever happens, the caller gets an answer in the right shape."""
        assert exchange.head is not None
        exchange.asking = exchange.asking or self._asking(exchange.head)
        reply = self._reply(exchange)
        endpoint = _endpoint(exchange.head.path)
        assert endpoint is not None
        try:
            if (
                endpoint.takes_json
                and self.capacity.requests > self.capacity.places
                and not await self.capacity.place()
            ):
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

    def _asking(self, head: RequestHead) -> Asking:
        endpoint = _endpoint(head.path)
        return asking_of(head, endpoint.dialect if endpoint is not None and endpoint.takes_json else None, self.hosts)

    def _mistake(self, head: RequestHead, asking: Asking) -> PlanoError | None:
        if asking.not_here is not None:
            return asking.not_here
        if not self.callers.is_open and head.path not in OPEN_PATHS and not self.callers.admit(head.fields):
            return Unauthorized("a caller's key is needed: send it as 'Authorization: Bearer …'")
        endpoint = _endpoint(head.path)
        if endpoint is None:
            return NotFound("there is no such path")
        if head.method != endpoint.method and (head.method, endpoint.method) != ("HEAD", "GET"):
            return MethodNotAllowed(f"{head.path} takes {endpoint.method}", allow=endpoint.method)
        if endpoint.takes_json:
            if self.readiness.is_draining:
                return Draining("the gateway is shutting down")
            if self.capacity.requests >= self.capacity.places and self.capacity.is_full:
                return GatewayOverloaded(_OVERLOADED)
            return asking.not_json
        return None

    def _fail(self, reply: Reply, error: PlanoError) -> None:
        reply.fail(error)
        self.journal.add(reply.record(error.code))

    def _reply(self, exchange: Exchange) -> Reply:
        head = exchange.head
        if head is None:
            trace, dialect = trace_of(None, self.sampled_share), Dialect.OPENAI_CHAT
            return Reply(exchange, trace, dialect, self.storyteller)
        asking = exchange.asking or self._asking(head)
        trace = trace_of(head.fields.get("traceparent"), self.sampled_share)
        return Reply(exchange, trace, asking.dialect, self.storyteller)


async def _decide(endpoints: Endpoints, reply: Reply, asking: Asking, *, decider: Decider, parse: Parse) -> Decision:
    has_tenants = not endpoints.callers.is_open
    body, dialect = reply.exchange.body, reply.dialect
    is_large = len(body) > LARGE_BYTES
    reply.request = await endpoints.reading.do(parse, body, dialect) if is_large else parse(body, dialect)
    reply.mark("parse")
    fields, session = reply.fields, None
    sessions = endpoints.sessions
    if sessions.are_implicit or asking.names_session:
        session = await sessions.of(fields, reply.request, decider.gateway.policy, has_tenants=has_tenants)
    steps = decider.gateway.decide(reply.request, wishes(reply.trace.trace_id, fields, session))
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
    decider, asking = endpoints.decider, reply.exchange.asking
    assert asking is not None
    decided = await _decide(endpoints, reply, asking, decider=decider, parse=decider.parse)
    explain = reply.query_flag("explain")
    media_type = decision_wire.MEDIA_TYPE if asking.wants_decision else JSON
    reply.answer(200, (), decision_wire.render(decided, explain=explain), media_type=media_type)
    if decided.affinity is not None:
        endpoints.sessions.keep(decided, decided.models[0])
    endpoints.journal.add(reply.record())


async def completion(endpoints: Endpoints, reply: Reply) -> None:
    """The same decision, executed; or the decision itself where the caller accepts that."""
    asking = reply.exchange.asking
    assert asking is not None
    if asking.wants_decision:
        await decision(endpoints, reply)
        return
    # A reload puts another one there: whoever has begun finishes where it began.
    decider, passes_keys = endpoints.decider, _passes_key(endpoints, reply)
    decided = await _decide(endpoints, reply, asking, decider=decider, parse=decider.parse_whole)
    call = _call(reply, asking, passes_keys=passes_keys)
    selected = decider.board.limits.selected(reply.fields)
    if selected is not None:
        call = msgspec.structs.replace(call, metered=await _metered(endpoints, reply, selected))
    gateway = decider.gateway
    done = await gateway.complete(call, decided, endpoints.upstream, left=reply.keep)
    reply.receipt = done.receipt
    if done.answer is not None:
        reply.timed("connect", done.answer.connect_s)
    reply.mark("ttft")
    if decided.affinity is not None:
        _keep_session(endpoints, decided, done)
    try:
        body = hand_over(reply, done)
        broken = None if body is None else await relay(reply, done, body)
    except BaseException:
        gateway.ended(done, None, has_left=True)
        raise
    gateway.ended(done, broken)
    if reply.usage is not None and decided.affinity is not None:
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
    decider, passes_keys, asking = endpoints.decider, _passes_key(endpoints, reply), reply.exchange.asking
    assert asking is not None
    parse, body, dialect = decider.parse_count, reply.exchange.body, reply.dialect
    is_large = len(body) > LARGE_BYTES
    request = await endpoints.reading.do(parse, body, dialect) if is_large else parse(body, dialect)
    reply.request = msgspec.structs.replace(request, is_count=True, is_stream=False)
    answer = await endpoints.counting.count(_call(reply, asking, passes_keys=passes_keys), decider.gateway)
    assert isinstance(answer.body, bytes)
    reply.answer(answer.status, answer.headers, answer.body, media_type=None)
    endpoints.journal.add(reply.record())


async def models(endpoints: Endpoints, reply: Reply) -> None:
    """The declared models and aliases, in the shape that the caller's client knows."""
    reply.answer(200, (), model_list.render(endpoints.decider.gateway.policy.models, reply.dialect))
    endpoints.journal.add(reply.record())


async def model(endpoints: Endpoints, reply: Reply) -> None:
    """The declared model or alias that the path names."""
    head = reply.exchange.head
    assert head is not None
    name = unquote(head.path.removeprefix(MODEL))
    reply.answer(200, (), model_list.render_one(endpoints.decider.gateway.policy.models, name, reply.dialect))
    endpoints.journal.add(reply.record())


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


MODEL = "/v1/models/"
"""What stands before the name of a model, whose slashes are encoded or not."""

_ONE_MODEL = Endpoint("GET", model)


def _endpoint(path: str) -> Endpoint | None:
    found = PATHS.get(path)
    return _ONE_MODEL if found is None and path.startswith(MODEL) and path != MODEL else found


def _passes_key(endpoints: Endpoints, reply: Reply) -> bool:
    """Is the caller's own key meant for a provider, and is there one that takes it?"""
    gateway = endpoints.decider.gateway
    return gateway.passes_keys and endpoints.callers.passes_keys(reply.exchange.received_at)


def _call(reply: Reply, asking: Asking, *, passes_keys: bool) -> Call:
    """What attempts are made from. ``passes_keys``: does the caller's own key, if there is one, go with them?"""
    assert reply.request is not None
    fields, trace, sent = reply.fields, reply.trace, asking.to_provider
    if trace.parent_id is not None and "tracestate" in fields:
        sent = (*sent, ("tracestate", fields["tracestate"]))
    own = ("traceparent", reply.traceparent)
    sent = (*sent, own) if "x-request-id" in fields else (*sent, own, ("x-request-id", trace.trace_id))
    key = credential(fields) if passes_keys else None
    return Call(
        reply.request,
        sent,
        trace.trace_id,
        reply.arrived_at,
        None if key is None else Secret(key),
        asking.cache_off,
    )


async def _metered(endpoints: Endpoints, reply: Reply, selected: tuple[str, str]) -> Metered:
    """What the limits on tokens count. ``selected``: the header field they are for, and its value."""
    body = reply.exchange.body
    tokens = await endpoints.reading.do(text_tokens, body) if len(body) > LARGE_BYTES else text_tokens(body)
    return Metered(*selected, tokens)
