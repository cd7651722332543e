"""``plano.ports.Upstream`` over HTTP/1.1: one attempt, from the derived body to the outcome."""

from __future__ import annotations

import ssl
from functools import partial
from typing import Final

from msgspec.structs import replace

from plano.dispatch.verdict import judge, outcome_of
from plano.domain.attempt import Attempt, Outcome, Unfit
from plano.domain.model import Model
from plano.domain.request import Call
from plano.errors import InvalidRequest
from plano.http1.head import ResponseHead
from plano.http1.limits import Limits
from plano.ports import Answer, Clock
from plano.upstream.answer import Ended, Means, judge_response, judge_whole
from plano.upstream.connection import UpstreamConnection
from plano.upstream.destination import Destination, Destinations
from plano.upstream.holding import Room
from plano.upstream.http_response import HttpResponse
from plano.upstream.pool import MAX_PER_ORIGIN, Pool
from plano.upstream.response import NoUsableAnswer, StaleConnection
from plano.wire.dialects.passage import Known, Passage, passage
from plano.wire.dialects.thoughts import MakerOf, nobody_known
from plano.wire.dialects.toolbox import KnownTools
from plano.wire.json_guard import LARGE_BYTES

STREAM_IDLE_S = 60.0
REASONING_IDLE_S = 300.0
"""How long a stream that has begun may be silent; and one whose model thinks."""

ERROR_BODY_S = 5.0
"""How long the body of an error may take: it may say more, but its status has said what comes next."""

_NO_ANSWER: Final = (outcome_of(judge("protocol"), "protocol", None), None)


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
        means: Means | None = None,
        maker_of: MakerOf = nobody_known,
        connections: int = MAX_PER_ORIGIN,
    ) -> None:
        self._clock = clock
        self._means = means or Means(clock.wall)
        self._known = Known(maker_of, KnownTools())
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | None = None
        self.room = Room()
        self.pool = Pool(limits or Limits(), self.tls_context, most=connections)
        self._destinations = Destinations(self.pool)

    async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
        """How the attempt ended; with the answer when it was answered or refused.

        A stale connection is replaced, once: still the same attempt.
        """
        model, request, now = attempt.candidate.model, call.request, self._clock.monotonic
        began = now()
        limit_s = attempt.limit_s if attempt.first_token_s is None else min(attempt.limit_s, attempt.first_token_s)
        try:
            way = await self._way(model, call) if len(request.body) > LARGE_BYTES else self._passage(model, call)
        except InvalidRequest as error:
            return Unfit(error), None
        destination, due, connect_s = self._destinations.of(model.endpoint), began + limit_s, 0.0
        template, fields = destination.templates[way.spoken], destination.fields(call, way.spoken)
        # From here on whoever has the connection closes it when something goes wrong.
        connection, may_be_stale = destination.lane.take(), True
        try:
            while True:
                if connection is None:
                    connection, connect_s = await self._connected(destination, due)
                connection.send(template, fields, way.body, is_stream=request.is_stream, within_s=due - now())
                try:
                    head = await connection.head()
                    break
                except StaleConnection:
                    if not may_be_stale:
                        raise NoUsableAnswer("reset") from None
                    connection, may_be_stale = None, False
            ended = self._at_hand(connection, head, attempt, call, way)
            if ended is None:
                if head.status >= 400:
                    connection.limit(min(ERROR_BODY_S, due - now()))
                ended = await self._judged(connection, head, attempt, call, way, over=began + attempt.limit_s)
        except NoUsableAnswer as end:
            return outcome_of(judge(end.ending), end.ending, None), None
        outcome, answer = ended
        return ended if connect_s == 0.0 or answer is None else (outcome, replace(answer, connect_s=connect_s))

    def _at_hand(
        self, connection: UpstreamConnection, head: ResponseHead, attempt: Attempt, call: Call, way: Passage
    ) -> Ended | None:
        """How it ended, where all of a plain answer is here with its head, as nearly always; else None."""
        body = None if head.status != 200 or call.request.is_stream else connection.whole(LARGE_BYTES)
        if body is None:
            return None
        connection.close()
        return judge_whole(body, head.fields, attempt, call, way, means=self._means) or _NO_ANSWER

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

    async def _connected(self, destination: Destination, due: float) -> tuple[UpstreamConnection, float]:
        """A connection that was idle or is new, and the seconds it took to have it. Raises NoUsableAnswer."""
        began = self._clock.monotonic()
        limit_s = min(due - began, destination.endpoint.connect_timeout_s)
        connection = await destination.lane.connect(limit_s=limit_s)
        if not connection.is_usable:
            # Closed in the turn of the loop between being opened and being handed over.
            connection.abort()
            raise NoUsableAnswer("connect")
        return connection, self._clock.monotonic() - began

    async def _judged(
        self,
        connection: UpstreamConnection,
        head: ResponseHead,
        attempt: Attempt,
        call: Call,
        way: Passage,
        *,
        over: float,
    ) -> Ended:
        """How it ended, where more than a plain answer must be looked at, or waited for. Raises NoUsableAnswer.

        ``over``: when a stream that is held back must be whole.
        """
        idle_s = REASONING_IDLE_S if call.request.needs.reasoning else STREAM_IDLE_S
        try:
            response = HttpResponse(connection, head)
        except NoUsableAnswer:
            connection.abort()
            raise
        if attempt.is_withheld:
            response.withheld = self.room.withhold(idle_s=idle_s, seconds_left=lambda: over - self._clock.monotonic())
        try:
            outcome, answer = await judge_response(response, attempt, call, way, means=self._means)
        except BaseException:
            response.close()
            raise
        if answer is None or isinstance(answer.body, bytes):
            response.close()
            return outcome, answer
        response.watch_silence(idle_s)
        return outcome, replace(answer, close=response.close)

    def tls_context(self) -> ssl.SSLContext:
        """Certificates are verified, names too; made at the first use, as reading the bundle takes 20 ms."""
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=self._ca_file)
        return self._tls
