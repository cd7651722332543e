"""The rest of a stream: passed on as it is read, held while the caller is slow, honest about its end."""

from __future__ import annotations

import asyncio
import gzip
import time
from functools import partial

import pytest

from plano.domain.attempt import Answered
from plano.domain.model import Dialect
from plano.domain.usage import Usage
from plano.errors import StreamBroken
from plano.ports import Answer, Stream
from plano.upstream.http import HttpUpstream
from plano.upstream.streaming import StreamedAnswer
from plano.wire.dialects.watching import RelayedStream
from tests.upstream.playing import (
    DONE,
    ERROR,
    FINISH,
    ROLE,
    WORD,
    Handler,
    Taker,
    and_stays,
    attempt_at,
    call_of,
    chunk,
    in_reads,
    provider,
    read_request,
    stream_head,
    upstream,
)
from tests.upstream.test_answer import Played
from tests.waiting import came


async def begun(client: HttpUpstream, attempt_target: object) -> tuple[Answer, Stream]:
    """A stream whose first content is there."""
    outcome, answer = await client.perform(attempt_at(attempt_target), call_of(is_stream=True))  # type: ignore[arg-type]
    assert outcome == Answered(200)
    assert answer is not None
    assert not isinstance(answer.body, bytes)
    return answer, answer.body


def _has(taker: Taker, pieces: int) -> bool:
    return len(taker.pieces) == pieces


async def test_events_pass_as_they_are_read() -> None:
    """Each read's events are with the caller before the next one comes: no task, no turn of the loop in between."""
    gate = asyncio.Event()
    takers: list[Taker] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(stream_head() + chunk(WORD))
        await gate.wait()
        for number in range(1, 4):
            writer.write(chunk(WORD))
            await came(partial(_has, takers[0], 1 + number))
        writer.write(chunk(FINISH + DONE) + chunk(b""))
        await writer.drain()

    async with provider(handle) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        takers.append(Taker())
        gate.set()
        await stream.pump(takers[0])
        answer.close()
        assert takers[0].pieces == [WORD] * 4 + [FINISH + DONE]
        assert client.pool.size == 1


async def test_a_slow_caller_gets_everything_in_order() -> None:
    """While the caller takes nothing what comes is kept; then it goes on where it stopped."""
    events = [b'data: {"choices":[{"index":0,"delta":{"content":"%d"}}]}\n\n' % number for number in range(50)]
    reads = [stream_head() + chunk(events[0]), *map(chunk, events[1:]), chunk(FINISH + DONE) + chunk(b"")]
    async with provider(in_reads(*reads, gap_s=0.001)) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        taker = Taker(is_busy=True)
        pumping = asyncio.create_task(stream.pump(taker))
        await asyncio.sleep(0.03)
        assert len(taker.pieces) == 1
        taker.go_on()
        await pumping
        answer.close()
    assert b"".join(taker.pieces) == b"".join(events) + FINISH + DONE


@pytest.mark.parametrize("end", [chunk(FINISH + DONE) + chunk(b""), chunk(FINISH) + chunk(b""), chunk(FINISH + DONE)])
async def test_every_good_end(end: bytes) -> None:
    """With or without ``[DONE]`` and the last chunk the caller gets one whole stream."""
    async with provider(in_reads(stream_head() + chunk(WORD), end)) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        taker = Taker()
        await stream.pump(taker)
        answer.close()
    assert b"".join(taker.pieces) == WORD + FINISH + DONE


@pytest.mark.parametrize(
    ("handler", "code", "kept"),
    [
        (in_reads(stream_head() + chunk(WORD), chunk(WORD)), "upstream_truncated", 0),
        (in_reads(stream_head() + chunk(WORD), chunk(DONE) + chunk(b"")), "upstream_truncated", 1),
        (in_reads(stream_head() + chunk(WORD), chunk(WORD[:9]) + chunk(b"")), "upstream_truncated", 1),
        (in_reads(stream_head() + chunk(WORD), chunk(ERROR)), "upstream_error", 0),
        (in_reads(stream_head() + chunk(WORD), b"ZZ\r\n"), "upstream_invalid_response", 0),
        (in_reads(stream_head() + chunk(WORD), chunk(b"data: {\n\n") * 4), "upstream_invalid_response", 0),
    ],
    ids=["cut", "only done", "half an event", "error", "no chunk", "malformed"],
)
async def test_every_bad_end(handler: Handler, code: str, kept: int) -> None:
    """What arrived whole is passed on, the rest is an error; the connection is kept where HTTP itself was whole."""
    async with provider(handler) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        taker = Taker()
        with pytest.raises(StreamBroken) as caught:
            await stream.pump(taker)
        answer.close()
        assert client.pool.lane(endpoint)._idle == [] if kept == 0 else client.pool.size == kept
    assert caught.value.code == code
    assert set(taker.pieces) == {WORD} or b"".join(taker.pieces) == WORD + WORD


async def test_a_coded_stream() -> None:
    """Events arrive as they are decoded; a coded stream that ends too early is cut."""
    coded = gzip.compress(WORD + WORD + FINISH + DONE)
    head = stream_head("transfer-encoding: chunked\r\ncontent-encoding: gzip\r\n")
    whole = [head + chunk(coded[:20]), *[chunk(coded[at : at + 5]) for at in range(20, len(coded), 5)], chunk(b"")]
    async with provider(in_reads(*whole, gap_s=0.001)) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        taker = Taker()
        await stream.pump(taker)
        answer.close()
    assert b"".join(taker.pieces) == WORD + WORD + FINISH + DONE


async def test_a_coded_stream_that_is_none() -> None:
    """Bytes that cannot be decoded end the stream as an invalid answer, not as a defect."""
    coded = gzip.compress(WORD * 200 + FINISH)
    head = stream_head("transfer-encoding: chunked\r\ncontent-encoding: gzip\r\n")
    plain = in_reads(head + chunk(coded[: len(coded) - 20]), chunk(b"\xff" * 40))
    async with provider(plain) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        with pytest.raises(StreamBroken) as caught:
            await stream.pump(Taker())
        answer.close()
    assert caught.value.code == "upstream_invalid_response"


class Breaking(Taker):
    """A caller's side with a defect."""

    def send(self, data: bytes) -> bool:
        """Fails with the second piece."""
        if self.pieces:
            raise KeyError("defect")
        return super().send(data)


async def test_a_defect_while_passing_on_reaches_whoever_pumps() -> None:
    """It is raised where it can be answered, not lost in the loop's own handler, and the upstream is given up."""
    reads = in_reads(stream_head() + chunk(WORD), chunk(WORD), gap_s=0.02)
    async with provider(reads) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        with pytest.raises(KeyError):
            await stream.pump(Breaking())
        answer.close()
        await came(lambda: client.pool.size == 0)


async def test_a_caller_that_leaves_in_mid_stream() -> None:
    """Cancelled: the connection is closed at once."""
    async with provider(and_stays(stream_head() + chunk(WORD))) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        pumping = asyncio.create_task(stream.pump(Taker()))
        await asyncio.sleep(0.01)
        pumping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pumping
        answer.close()
        await came(lambda: client.pool.size == 0)


async def test_usage_is_known_afterwards() -> None:
    """The provider's own account of tokens, when it sent one; before that an estimate, which says what it is."""
    usage = b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n'
    stream = RelayedStream(Dialect.OPENAI_CHAT)
    held = stream.feed(WORD)
    answer = StreamedAnswer(Played(FINISH, usage, DONE), stream, held, is_over=False)
    assert stream.counted() == Usage(output_tokens=1, is_estimated=True)
    await answer.pump(Taker())
    assert stream.counted() == Usage(3, 4)
    assert answer.passed_on == len(WORD + FINISH + usage + DONE)


async def test_when_its_first_content_came() -> None:
    """Noted when it came after the stream was begun; content that was there from the beginning needs no moment."""
    gate = asyncio.Event()

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(stream_head() + chunk(ROLE))
        await gate.wait()
        writer.write(chunk(WORD + FINISH + DONE) + chunk(b""))
        await writer.drain()

    async with provider(late) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        before = time.monotonic()
        assert stream.first_content_at is None
        gate.set()
        await stream.pump(Taker())
        answer.close()
        assert stream.first_content_at is not None
        assert stream.ended_at is not None
        assert before <= stream.first_content_at <= stream.ended_at
    at_once = in_reads(stream_head() + chunk(WORD + FINISH + DONE) + chunk(b""))
    async with provider(at_once) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        await stream.pump(Taker())
        answer.close()
        assert stream.first_content_at is None
        assert stream.ended_at is not None


async def test_a_stream_that_the_caller_held_up_has_no_end_to_measure() -> None:
    """How long it took says something about the caller then, not about the model."""
    gate = asyncio.Event()

    async def in_two(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(stream_head() + chunk(WORD))
        await gate.wait()
        writer.write(chunk(WORD + FINISH + DONE) + chunk(b""))
        await writer.drain()

    async with provider(in_two) as endpoint, upstream() as client:
        answer, stream = await begun(client, endpoint)
        taker = Taker(is_busy=True)
        asyncio.get_running_loop().call_soon(taker.go_on)
        gate.set()
        await stream.pump(taker)
        answer.close()
        assert stream.ended_at is None
