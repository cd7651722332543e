"""Handing the answer over to the caller, honestly to the end."""

from __future__ import annotations

from plano.errors import PlanoError
from plano.gateway import Completion
from plano.server.reply import Reply
from plano.wire import openai_errors


async def hand_over(reply: Reply, completion: Completion) -> None:
    """Sends the answer of a completion. Raises ChainFailed when there is none.

    A stream that fails after its first byte ends with the dialect's error event and a closed connection: never with a
    made-up end.
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
            exchange.close_after()
            if not exchange.send(openai_errors.render_event(error, reply.trace_id)):
                await exchange.drained()
        exchange.end()
    finally:
        answer.close()
