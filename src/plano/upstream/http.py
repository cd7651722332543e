"""``plano.ports.Upstream`` over HTTP/1.1: one attempt, from the derived body to the outcome."""

from __future__ import annotations

import ssl

from msgspec.structs import replace

from plano.dispatch.verdict import judge, outcome_of
from plano.domain.attempt import Attempt, Outcome
from plano.domain.model import Endpoint
from plano.domain.request import Call
from plano.http1.limits import Limits
from plano.ports import Answer, Clock
from plano.upstream import fields
from plano.upstream.answer import judge_response
from plano.upstream.connection import HttpResponse, StaleConnection, UpstreamConnection
from plano.upstream.pool import Pool
from plano.upstream.response import NoUsableAnswer
from plano.wire.openai_chat import derive_body

FIRST_TOKEN_S = 30.0
STREAM_IDLE_S = 60.0


class HttpUpstream:
    """Performs attempts over a pool of connections."""

    def __init__(self, clock: Clock, *, limits: Limits | None = None, ca_file: str | None = None) -> None:
        self._clock = clock
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | None = None
        self.pool = Pool(limits or Limits(), self._tls_context)

    async def perform(self, attempt: Attempt, call: Call) -> tuple[Outcome, Answer | None]:
        """How the attempt ended; with the answer when it was answered or refused."""
        model = attempt.candidate.model
        limit = attempt.limit_s
        if call.request.is_stream and not attempt.is_last:
            limit = min(limit, FIRST_TOKEN_S)
        body = derive_body(call.request, model.upstream_id)
        try:
            response, connect_s = await self._send(model.endpoint, call, body, self._clock.monotonic() + limit)
            try:
                outcome, answer = await judge_response(response, attempt, call, wall_now=self._clock.wall())
            except BaseException:
                response.close()
                raise
        except NoUsableAnswer as end:
            return outcome_of(judge(end.ending), end.ending, None), None
        if answer is None or isinstance(answer.body, bytes):
            response.close()
            return outcome, None if answer is None else replace(answer, connect_s=connect_s)
        response.watch_silence(STREAM_IDLE_S)
        return outcome, replace(answer, close=response.close, connect_s=connect_s)

    async def _send(self, endpoint: Endpoint, call: Call, body: bytes, due: float) -> tuple[HttpResponse, float]:
        """The response once its head is there, and the seconds it took to connect; ends at ``due`` as ``timeout``.

        A stale connection is replaced, once: still the same attempt.
        """
        reused = self.pool.take(endpoint.origin)
        if reused is not None:
            try:
                return await self._exchange(reused, endpoint, call, body, due), 0.0
            except StaleConnection:
                pass
        began = self._clock.monotonic()
        fresh = await self.pool.connect(endpoint, limit_s=due - began)
        connect_s = self._clock.monotonic() - began
        return await self._exchange(fresh, endpoint, call, body, due), connect_s

    async def _exchange(
        self, connection: UpstreamConnection, endpoint: Endpoint, call: Call, body: bytes, due: float
    ) -> HttpResponse:
        try:
            sent = fields.to_provider(endpoint, call)
            connection.send("POST", endpoint.path, sent, body, is_stream=call.request.is_stream)
            connection.limit(due - self._clock.monotonic())
            return HttpResponse(connection, await connection.head())
        except BaseException:
            connection.abort()
            raise

    def _tls_context(self) -> ssl.SSLContext:
        """Certificates are verified, names too; made at the first use, as reading the bundle takes 20 ms."""
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=self._ca_file)
        return self._tls
