"""Streams and slow callers: nothing that came is lost, and a provider's connection is not thrown away for it."""

from __future__ import annotations

import asyncio

from plano.ports import Stream
from plano.upstream.http import HttpUpstream
from tests.upstream.playing import (
    DONE,
    FINISH,
    WORD,
    Taker,
    and_stays,
    attempt_at,
    call_of,
    chunk,
    only_connection,
    plain,
    provider,
    read_request,
    reset,
    settle,
    stream_head,
    upstream,
)
from tests.waiting import came

MANY = WORD * 3000


async def test_the_end_of_a_stream_is_read_after_a_pause() -> None:
    """Reading was paused while the caller was slow, and stayed so at ``[DONE]``: after 1 s it was closed."""
    gate = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(stream_head() + chunk(WORD))
        await gate.wait()
        writer.write(chunk(b""))
        await read_request(reader)
        writer.write(plain())
        await asyncio.Event().wait()

    async with provider(handle) as endpoint, upstream() as client:
        stream = await _begun(client, endpoint)
        taker = Taker(is_busy=True)
        pumping = asyncio.create_task(stream.pump(taker))
        await settle()
        before = only_connection(client, endpoint)
        before.data_received(chunk(MANY + FINISH + DONE))
        gate.set()
        await settle()
        taker.go_on()
        await pumping
        await came(lambda: client.pool.lane(endpoint)._idle)
        await client.perform(attempt_at(endpoint), call_of())
        assert only_connection(client, endpoint) is before


async def test_what_came_before_a_cut_is_passed_on() -> None:
    """Content, end and cut in one turn of the loop, while the caller was slow: the end used to get lost."""

    async with provider(and_stays(stream_head() + chunk(WORD))) as endpoint, upstream() as client:
        stream = await _begun(client, endpoint)
        taker = Taker()
        pumping = asyncio.create_task(stream.pump(taker))
        await settle()
        taker._free.clear()
        connection = only_connection(client, endpoint)
        connection.data_received(chunk(WORD))
        connection.data_received(chunk(FINISH + DONE))
        connection.eof_received()
        await settle()
        taker.go_on()
        await pumping
    assert b"".join(taker.pieces) == WORD + WORD + FINISH + DONE


async def test_a_cut_after_the_end_is_no_cut() -> None:
    """F43: every choice had its ``finish_reason``, then the connection broke: the caller has a whole answer."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(stream_head() + chunk(WORD))
        await asyncio.sleep(0.02)
        writer.write(chunk(FINISH))
        await asyncio.sleep(0.02)
        reset(writer)

    async with provider(handle) as endpoint, upstream() as client:
        stream = await _begun(client, endpoint)
        taker = Taker()
        await stream.pump(taker)
    assert b"".join(taker.pieces) == WORD + FINISH + DONE


async def test_a_cut_after_the_end_in_one_read() -> None:
    """F43 before the commit: the whole stream but for its last chunk arrives at once."""
    closing = stream_head() + chunk(WORD + FINISH)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(closing)

    async with provider(handle) as endpoint, upstream() as client:
        stream = await _begun(client, endpoint)
        taker = Taker()
        await stream.pump(taker)
    assert b"".join(taker.pieces) == WORD + FINISH + DONE


async def _begun(client: HttpUpstream, endpoint: object) -> Stream:
    _, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))  # type: ignore[arg-type]
    assert answer is not None
    assert not isinstance(answer.body, bytes)
    return answer.body
