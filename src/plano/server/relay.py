"""Handing the answer over to the caller, honestly to the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from plano.errors import PlanoError
from plano.gateway import Completion
from plano.server.reply import Reply
from plano.wire import openai_errors

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


async def hand_over(reply: Reply, completion: Completion) -> None:
    """Sends the answer of a completion. Raises ChainFailed when there is none.

    A stream that fails after its first byte ends with the dialect's error event and a closed connection: never with a
    made-up end.
    """
    answer = completion.answer
    if answer is None:
        assert completion.receipt.error is not None
        raise completion.receipt.error
    try:
        if isinstance(answer.body, bytes):
            kept = [field for field in answer.headers if field[0] != "content-type"]
            reply.answer(
                answer.status,
                kept,
                answer.body,
                media_type=dict(answer.headers).get("content-type", "application/json"),
            )
        else:
            reply.begin(answer.status, answer.headers)
            await _stream(reply, answer.body)
    finally:
        answer.close()


async def _stream(reply: Reply, body: AsyncIterator[bytes]) -> None:
    exchange = reply.exchange
    async with aclosing(cast("AsyncGenerator[bytes]", body)) as pieces:
        try:
            async for piece in pieces:
                await exchange.write(piece)
        except PlanoError as error:
            exchange.close_after()
            await exchange.write(openai_errors.render_event(error, reply.trace_id))
    exchange.end()
