"""Handing over: whole or honestly broken, and the upstream always given up."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from plano.dispatch.verdict import chain_failed, judge
from plano.domain.attempt import Answered, Receipt, Try
from plano.domain.model import Dialect
from plano.domain.usage import Usage
from plano.errors import ChainFailed, PlanoError, StreamBroken
from plano.gateway import Completion
from plano.ports import Answer, Sink
from plano.server.answering.relay import hand_over, relay
from plano.server.answering.reply import Reply
from plano.wire.dialects.errors import render_stream_error
from plano.wire.traceparent import TraceContext
from tests.server.staging import StagedExchange

TRACE = TraceContext("0" * 31 + "1", "b" * 16)


class Source:
    """Pieces, then perhaps an error; counts how often it was closed."""

    def __init__(self, *pieces: bytes, error: Exception | None = None) -> None:
        self.pieces, self.error = pieces, error
        self.closed = 0
        self.is_finished = False
        self.passed_on = 0

    async def pump(self, sink: Sink) -> None:
        """The pieces."""
        try:
            for piece in self.pieces:
                if not sink.send(piece):
                    await sink.drained()
            if self.error is not None:
                raise self.error
        finally:
            self.is_finished = True

    usage: Usage | None = None
    first_content_at: float | None = None
    ended_at: float | None = None
    warnings: tuple[str, ...] = ()

    def fail(self, error: PlanoError, trace_id: str) -> bytes:
        """As a stream of chat completions ends."""
        return render_stream_error(error, Dialect.OPENAI_CHAT, trace_id)

    def close(self) -> None:
        """Counts."""
        self.closed += 1


async def handed_over(
    body: bytes | Source, exchange: StagedExchange, headers: tuple[tuple[str, str], ...] = (), status: int = 200
) -> None:
    """Hands an answer over."""
    close: Callable[[], None] = body.close if isinstance(body, Source) else lambda: None
    answer = Answer(status, headers, body, close)
    receipt = Receipt((Try("p/a", "200"),), Answered(200))
    reply, completion = Reply(exchange, TRACE, dialect=Dialect.OPENAI_CHAT), Completion(receipt, answer)
    stream = hand_over(reply, completion)
    assert stream is (None if isinstance(body, bytes) else body)
    if stream is not None:
        await relay(reply, completion, stream)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [((), "application/json"), ((("content-type", "application/problem+json"),), "application/problem+json")],
)
async def test_a_whole_answer(headers: tuple[tuple[str, str], ...], kind: str) -> None:
    """Status and bytes as they came, the provider's type, or JSON; each field once."""
    exchange = StagedExchange()
    await handed_over(b'{"x":1}', exchange, (("retry-after", "3"), *headers), 422)
    assert (exchange.status, exchange.sent) == (422, [b'{"x":1}'])
    assert (exchange.fields["content-type"], exchange.fields["retry-after"]) == (kind, "3")


async def test_a_whole_stream() -> None:
    """Piece by piece, then the end; the connection is kept, the upstream given up once."""
    exchange, source = StagedExchange(), Source(b"a", b"b")
    await handed_over(source, exchange, (("content-type", "text/event-stream"),))
    assert (exchange.sent, exchange.done) == ([b"a", b"b"], ["end"])
    assert (source.closed, source.is_finished) == (1, True)


async def test_a_broken_stream() -> None:
    """The error event comes last, the body ends, and the connection is closed after it."""
    exchange = StagedExchange()
    source = Source(b"a", error=StreamBroken("it broke off", status=502, code="upstream_truncated", counts=True))
    await handed_over(source, exchange)
    assert exchange.sent[0] == b"a"
    error = json.loads(exchange.sent[1].removeprefix(b"data: "))["error"]
    assert (error["code"], error["trace_id"]) == ("upstream_truncated", TRACE.trace_id)
    assert sorted(exchange.done) == ["close_after", "end"]
    assert exchange.done[-1] == "end"
    assert source.closed == 1


async def test_a_defect_in_mid_stream_is_no_end() -> None:
    """Anything else that is raised goes up: the body gets no end that could pass for one."""
    exchange, source = StagedExchange(), Source(b"a", error=KeyError("x"))
    with pytest.raises(KeyError):
        await handed_over(source, exchange)
    assert exchange.done == []
    assert source.closed == 1


@pytest.mark.parametrize("taken", [0, 1])
async def test_a_caller_that_leaves(taken: int) -> None:
    """The source is finished and the upstream given up, wherever the caller left."""
    exchange, source = StagedExchange(gone_after=taken), Source(b"a", b"b", b"c")
    with pytest.raises(ConnectionResetError):
        await handed_over(source, exchange)
    assert (source.closed, source.is_finished, exchange.done) == (1, True, [])


def test_a_failed_chain_is_raised() -> None:
    """No answer: the receipt's own error, and nothing was sent."""
    exchange = StagedExchange()
    error = chain_failed((Try("p/a", "500"),), (judge(500),), None, hit_deadline=False)
    with pytest.raises(ChainFailed) as caught:
        hand_over(
            Reply(exchange, TRACE, dialect=Dialect.OPENAI_CHAT),
            Completion(Receipt((Try("p/a", "500"),), None, error), None),
        )
    assert caught.value is error
    assert not exchange.answer_begun
