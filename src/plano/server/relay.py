"""Handing the answer over to the caller, honestly to the end."""

from __future__ import annotations

import asyncio

from plano.errors import PlanoError
from plano.gateway import Completion
from plano.server.exchange import Exchange
from plano.server.reply import Reply
from plano.wire import openai_errors


async def hand_over(reply: Reply, completion: Completion) -> None:
    """Sends the answer of a completion. Raises ChainFailed when there is none.

    A stream that fails after its first byte, or that the gateway itself stops, ends with the dialect's error event and a
    closed connection: never with a made-up end.
    """
    answer = completion.answer
    if answer is None:
        assert completion.receipt.error is not None
        raise completion.receipt.error
    if isinstance(answer.body, bytes):
        reply.answer(answer.status, answer.headers, answer.body, media_type=None)
        return
    exchange = reply.exchange
    try:
        reply.begin(answer.status, answer.headers)
        try:
            await answer.body.pump(exchange)
        except PlanoError as error:
            await _break_off(exchange, error, reply.trace_id)
        except asyncio.CancelledError:
            if exchange.stopped_by is None:
                raise
            await _break_off(exchange, exchange.stopped_by, reply.trace_id)
        exchange.end()
    finally:
        answer.close()


async def _break_off(exchange: Exchange, error: PlanoError, trace_id: str) -> None:
    exchange.close_after()
    if not exchange.send(openai_errors.render_event(error, trace_id)):
        await exchange.drained()
