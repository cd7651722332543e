"""``plano.ports.Upstream`` over HTTP/1.1: one attempt, from the derived body to the outcome."""

from __future__ import annotations

import ssl
from functools import partial

from msgspec.structs import replace

from plano.dispatch.verdict import judge, outcome_of
from plano.domain.attempt import Attempt, Outcome, Unfit
from plano.domain.model import Endpoint, Model
from plano.domain.request import Call
from plano.errors import InvalidRequest
from plano.http1.limits import Limits
from plano.ports import Answer, Clock
from plano.upstream.answer import Means, judge_response
from plano.upstream.aside import Aside, at_once
from plano.upstream.connection import StaleConnection
from plano.upstream.destination import Destinations
from plano.upstream.holding import Room
from plano.upstream.http_response import HttpResponse
from plano.upstream.pool import MAX_PER_ORIGIN, Pool
from plano.upstream.response import NoUsableAnswer
from plano.wire.dialects.passage import Known, Passage, passage
from plano.wire.dialects.thoughts import MakerOf, nobody_known
from plano.wire.dialects.toolbox import KnownTools
from plano.wire.json_guard import LARGE_BYTES

STREAM_IDLE_S = 60.0
REASONING_IDLE_S = 300.0
"""How long a stream that has begun may be silent; and one whose model thinks."""

ERROR_BODY_S = 5.0
"""How long the body of an error may take: it may say more, but its status has said what comes next."""


class HttpUpstream:
    """Performs attempts over a pool of connections.

    ``aside``: where large bodies are translated. ``maker_of``: the provider that made a proof of thoughts, where that
    is known. ``connections``: at once, to one origin.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        limits: Limits | None = None,
        ca_file: str | None = None,
        aside: Aside = at_once,
        maker_of: MakerOf = nobody_known,
        connections: int = MAX_PER_ORIGIN,
    ) -> None:
        self._clock = clock
        self._means = Means(clock.wall, aside)
        self._known = Known(maker_of, KnownTools())
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | None = None
        self.room = Room()
        self.pool = Pool(limits or Limits(), self.tls_context, most=connections)
        self._destinations = Destinations(self.pool)

    async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
        """How the attempt ended; with the answer when it was answered or refused."""
        model, request = attempt.candidate.model, call.request
        began = self._clock.monotonic()
        over = due = began + attempt.limit_s
        if attempt.first_token_s is not None:
            due = min(due, began + attempt.first_token_s)
        try:
            way = await self._way(model, call) if len(request.body) > LARGE_BYTES else self._passage(model, call)
        except InvalidRequest as error:
            return Unfit(error), None
        try:
            response, connect_s = await self._response(model.endpoint, way, call, due=due)
            idle_s = REASONING_IDLE_S if request.needs.reasoning else STREAM_IDLE_S
            if attempt.is_withheld:
                response.withheld = self.room.withhold(
                    idle_s=idle_s, seconds_left=lambda: over - self._clock.monotonic()
                )
            try:
                outcome, answer = await judge_response(response, attempt, call, way, means=self._means)
            except BaseException:
                response.close()
                raise
        except NoUsableAnswer as end:
            return outcome_of(judge(end.ending), end.ending, None), None
        if answer is None or isinstance(answer.body, bytes):
            response.close()
        else:
            response.watch_silence(idle_s)
            answer = replace(answer, close=response.close)
        if connect_s > 0 and answer is not None:
            answer = replace(answer, connect_s=connect_s)
        return outcome, answer

    def _passage(self, model: Model, call: Call) -> Passage:
        return passage(
            call.request,
            model,
            trace_id=call.trace_id,
            now_s=int(self._clock.wall()),
            marks=not call.cache_off,
            known=self._known,
        )

    async def _way(self, model: Model, call: Call) -> Passage:
        """As ``_passage``, of a large body: beside the loop where it is more than a cut."""
        dialect = call.request.dialect
        is_cut = model.endpoint.spoken(dialect) is dialect and model.cache_from_tokens is None
        return self._passage(model, call) if is_cut else await self._means.aside(partial(self._passage, model, call))

    def forget_destinations(self) -> None:
        """Endpoints that nobody needs any more are let go, with their keys; the others are made again when needed."""
        self._destinations = Destinations(self.pool)

    async def _response(
        self, endpoint: Endpoint, way: Passage, call: Call, *, due: float
    ) -> tuple[HttpResponse, float]:
        """The response once its head is there, and the seconds it took to connect; ends at ``due`` as ``timeout``.

        A stale connection is replaced, once: still the same attempt.
        """
        destination = self._destinations.of(endpoint)
        connection, connect_s = destination.lane.take(), 0.0
        for _ in range(2):
            if connection is None:
                began = self._clock.monotonic()
                limit_s = min(due - began, endpoint.connect_timeout_s)
                connection = await destination.lane.connect(limit_s=limit_s)
                connect_s = self._clock.monotonic() - began
                if not connection.is_usable:
                    # Closed in the turn of the loop between being opened and being handed over.
                    connection.abort()
                    raise NoUsableAnswer("connect")
            try:
                template = destination.templates[way.spoken]
                fields = destination.fields(call, way.spoken)
                connection.send(template, fields, way.body, is_stream=call.request.is_stream)
                connection.limit(due - self._clock.monotonic())
                head = await connection.head()
                if head.status >= 400:
                    connection.limit(min(ERROR_BODY_S, due - self._clock.monotonic()))
                return HttpResponse(connection, head), connect_s
            except StaleConnection:
                connection = None
            except BaseException:
                connection.abort()
                raise
        raise NoUsableAnswer("reset")

    def tls_context(self) -> ssl.SSLContext:
        """Certificates are verified, names too; made at the first use, as reading the bundle takes 20 ms."""
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=self._ca_file)
        return self._tls
