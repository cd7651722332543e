"""Handing the answer over to the caller, honestly to the end."""

from __future__ import annotations

import asyncio

from plano.errors import PlanoError
from plano.gateway import Completion
from plano.ports import Stream
from plano.server.answering.account import ASKED_BY, cost_comment, cost_field
from plano.server.answering.exchange import Exchange
from plano.server.answering.reply import Reply


def hand_over(reply: Reply, completion: Completion) -> Stream | None:
    """Sends the answer of a completion if it is whole; else nothing yet, and ``relay`` passes on the body it returns.

    Raises ChainFailed or InvalidRequest if there is none.
    """
    answer = completion.answer
    if answer is None:
        assert completion.receipt.error is not None
        raise completion.receipt.error
    reply.warnings, reply.asides = answer.warnings, answer.asides
    reply.usage = answer.usage
    if isinstance(answer.body, bytes):
        fields = (*answer.headers, *cost_field(reply, completion))
        reply.answer(answer.status, fields, answer.body, media_type=None)
        return None
    return answer.body


async def relay(reply: Reply, completion: Completion, body: Stream) -> PlanoError | None:
    """Sends a streamed answer, its ``body`` as it comes; what broke it off, None when it is whole.

    A stream that fails after its first byte, or that the gateway itself stops, ends with the dialect's error event and
    a closed connection: never with a made-up end. What came up behind the head that could not be carried is remembered
    with the request: its header has gone out.
    """
    exchange, answer = reply.exchange, completion.answer
    assert answer is not None
    try:
        reply.begin(answer.status, answer.headers)
        broken = await _pumped(body, exchange)
        if broken is not None:
            exchange.close_after()
            if not exchange.send(body.fail(broken, reply.trace_id)):
                await exchange.drained()
        elif ASKED_BY in reply.fields and (comment := cost_comment(reply, completion)):
            exchange.send(comment)
        exchange.end()
        return broken
    finally:
        reply.size = body.passed_on
        if late := body.warnings:
            reply.warnings = tuple(dict.fromkeys((*answer.warnings, *late)))
        reply.first_content_at, reply.content_ended_at = body.first_content_at, body.ended_at
        answer.close()


async def _pumped(body: Stream, exchange: Exchange) -> PlanoError | None:
    """What ended the body before its time, None when it is whole."""
    try:
        await body.pump(exchange)
    except PlanoError as error:
        return error
    except asyncio.CancelledError:
        if exchange.stopped_by is None:
            raise
        return exchange.stopped_by
    return None
