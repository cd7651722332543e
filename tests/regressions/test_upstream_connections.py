"""Connections to providers: none is lost, none comes back in a state in which it cannot serve."""

from __future__ import annotations

import asyncio

import pytest

from plano.domain.attempt import Answered, Failed
from plano.domain.model import Endpoint, Origin
from plano.http1.limits import Limits
from plano.upstream.pool import Pool
from plano.upstream.response import NoUsableAnswer
from plano.wire import sse
from tests.upstream.playing import (
    DONE,
    FINISH,
    WHOLE,
    WORD,
    and_stays,
    answering,
    attempt_at,
    call_of,
    chunk,
    perform,
    plain,
    provider,
    read_request,
    settle,
    stream_head,
    upstream,
)
from tests.waiting import came

LARGE = b"x" * 100_000


async def test_an_unread_answer_does_not_leave_the_next_one_unread() -> None:
    """An answer over 64 KiB that nobody reads pauses the connection; given back, it must read again."""
    async with provider(and_stays(plain(LARGE, status="201 Created"), plain())) as endpoint, upstream() as client:
        first, _ = await client.perform(attempt_at(endpoint), call_of())
        assert isinstance(first, Failed)
        second, _ = await client.perform(attempt_at(endpoint, limit_s=5.0), call_of())
    assert second == Answered(200)


async def test_a_left_stream_does_not_leave_the_next_answer_unread() -> None:
    """The caller leaves while the rest of a stream waits, whole and over 64 KiB: the next request is answered.

    It is whole where reading stops: large reads are looked at in slices of 32 KiB, two of which are not yet too much.
    """
    many = WORD * (80 * 1024 // len(WORD))
    streamed = stream_head() + chunk(WORD) + chunk(many + FINISH + DONE) + chunk(b"")
    async with provider(and_stays(streamed, plain())) as endpoint, upstream() as client:
        _, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))
        assert answer is not None
        await asyncio.sleep(0.05)
        answer.close()
        second, _ = await client.perform(attempt_at(endpoint, limit_s=5.0), call_of())
    assert second == Answered(200)


async def test_a_connection_that_spoke_out_of_turn_is_closed() -> None:
    """Bytes nobody asked for make an idle connection useless: it is closed and not forgotten while open."""
    late = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(plain())
        await late.wait()
        writer.write(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        await asyncio.Event().wait()

    async with provider(handle, and_stays(plain())) as endpoint, upstream() as client:
        await client.perform(attempt_at(endpoint), call_of())
        late.set()
        await came(lambda: client.pool.size == 0)
        await client.perform(attempt_at(endpoint), call_of())
        client.pool.sweep(asyncio.get_running_loop().time() + 3600)
        await settle()
        assert client.pool.size == 0


async def test_an_answer_before_the_upload_costs_the_connection() -> None:
    """F15: a final status while the body is still being sent; the connection is not used again."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(plain(b'{"error":{"message":"too large"}}', status="413 Content Too Large"))
        await asyncio.Event().wait()

    async with provider(handle, and_stays(plain())) as endpoint, upstream() as client:
        await client.perform(attempt_at(endpoint), call_of(size=16_000_000))
        outcome, _ = await client.perform(attempt_at(endpoint, limit_s=5.0), call_of())
    assert outcome == Answered(200)


@pytest.mark.parametrize("is_stream", [False, True])
async def test_silence_in_a_body_that_ends_with_the_connection(is_stream: bool) -> None:
    """Plano giving up is not the provider's end: silence is ``timeout``, whatever the framing."""
    kind = "text/event-stream" if is_stream else "application/json"
    begun = WORD[:20] if is_stream else WHOLE[:20]
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n\r\n".encode()
    async with provider(and_stays(head + begun)) as endpoint:
        outcome, *_ = await perform(endpoint, is_stream=is_stream, limit_s=0.1)
    assert isinstance(outcome, Failed)
    assert outcome.ending == "timeout"


async def test_a_whole_body_without_its_end_is_no_answer() -> None:
    """A close-delimited body that never closes is not whole because Plano hung up on it."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"
    async with provider(and_stays(head + WHOLE)) as endpoint:
        outcome, *_ = await perform(endpoint, limit_s=0.1)
    assert not isinstance(outcome, Answered)


async def test_an_event_over_the_limit_moves_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One event over 16 MiB before the first content: this attempt failed, and the chain goes on."""
    monkeypatch.setattr(sse.Splitter.__init__, "__kwdefaults__", {"limit": 1000})
    async with provider(answering(stream_head() + chunk(b"data: " + b"x" * 5000) + chunk(b""))) as endpoint:
        outcome, *_ = await perform(endpoint, is_stream=True, is_last=False)
    assert isinstance(outcome, Failed)
    assert outcome.verdict.code == "upstream_invalid_response"


async def test_a_name_that_cannot_be_looked_up() -> None:
    """A host with a label over 63 characters is a failed connection, not a defect of the gateway."""
    host = "a" * 70 + ".example"
    pool = Pool(Limits(), lambda: pytest.fail("no TLS here"))
    with pytest.raises(NoUsableAnswer):
        await pool.lane(Endpoint(Origin("http", host, 80), "/", host)).connect(limit_s=2.0)
