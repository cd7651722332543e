"""One connection to a provider that plays by the rules, bends them, or breaks them."""

from __future__ import annotations

import asyncio
import gzip
from functools import partial
from typing import Any

import pytest

from plano.domain.attempt import Answered, Failed, NoAnswer
from plano.http1.limits import Limits
from plano.upstream import connection as edge
from tests.upstream.playing import (
    DONE,
    FINISH,
    WHOLE,
    WORD,
    Handler,
    Taker,
    and_stays,
    answering,
    attempt_at,
    call_of,
    chunk,
    connected,
    in_reads,
    only_connection,
    perform,
    plain,
    provider,
    read_request,
    reset,
    stream_head,
    upstream,
)
from tests.waiting import PATIENCE_S, came

OPEN_END = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        plain(),
        OPEN_END + WHOLE,
        CHUNKED + chunk(WHOLE[:9]) + chunk(WHOLE[9:]) + chunk(b""),
        CHUNKED + b"5;ext=1\r\n" + WHOLE[:5] + b"\r\n" + chunk(WHOLE[5:]) + b"0\r\nx-trailer: 1\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + plain(),
        plain().replace(b"HTTP/1.1 200 OK", b"HTTP/1.0 200"),
        plain(gzip.compress(WHOLE), more="content-encoding: gzip\r\n"),
    ],
    ids=["length", "until close", "chunked", "extension and trailer", "interim", "1.0", "gzip"],
)
@pytest.mark.parametrize("is_dripped", [False, True])
async def test_every_framing(answer: bytes, is_dripped: bool) -> None:
    """However the end of a body is told, in one read or in many, the answer is the same."""
    step = max(1, len(answer) // 7) if is_dripped else len(answer)
    reads = [answer[at : at + step] for at in range(0, len(answer), step)]
    async with provider(in_reads(*reads, gap_s=0.002)) as endpoint:
        outcome, _, body, _ = await perform(endpoint)
    assert (outcome, body) == (Answered(200), WHOLE)


async def resets_at_once(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Resets a connection as soon as it is there."""
    reset(writer)


async def resets_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Resets after half of the answer."""
    await read_request(reader)
    writer.write(plain()[:-9])
    await asyncio.sleep(0.01)
    reset(writer)


@pytest.mark.parametrize(
    ("handler", "ending"),
    [
        (answering(b"\x00\x01garbage\r\n\r\n"), "protocol"),
        (answering(b"SSH-2.0-OpenSSH_9.6\r\n"), "protocol"),
        (answering(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n"), "protocol"),
        (answering(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), "protocol"),
        (answering(b"HTTP/1.1 100 Continue\r\n\r\n" * 17 + plain()), "protocol"),
        (answering(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000 + b"\r\n\r\n"), "protocol"),
        (answering(b"HTTP/1.1 307 Temporary Redirect\r\nlocation: http://x\r\ncontent-length: 0\r\n\r\n"), "protocol"),
        (answering(plain(more="content-encoding: br\r\n")), "protocol"),
        (answering(CHUNKED + b"XX\r\n"), "protocol"),
        (answering(plain()[:30]), "reset"),
        (answering(b""), "reset"),
        (answering(plain()[:-1]), "truncated"),
        (answering(CHUNKED + chunk(WHOLE)), "truncated"),
        (resets_late, "truncated"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_every_way_to_end_badly(handler: Handler, ending: NoAnswer) -> None:
    """Each has its ending, and nothing of it reaches the caller; no connection is left."""
    async with provider(handler) as endpoint, upstream() as client:
        outcome, answer = await client.perform(attempt_at(endpoint), call_of())
        await came(lambda: client.pool.size == 0)
    assert answer is None
    assert isinstance(outcome, Failed)
    assert outcome.ending == ending


async def test_a_reset_at_once() -> None:
    """Seen before the connection is handed over it is a failed connect, afterwards a reset; never anything else."""
    async with provider(resets_at_once) as endpoint, upstream() as client:
        outcome, answer = await client.perform(attempt_at(endpoint), call_of())
    assert answer is None
    assert isinstance(outcome, Failed)
    assert outcome.ending in ("connect", "reset")


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", plain()[:20], plain()[:-5]])
async def test_silence(begun: bytes) -> None:
    """Silence in any phase is ``timeout`` at the limit, and the connection is closed."""
    async with provider(and_stays(begun)) as endpoint, upstream() as client:
        await connected(client, endpoint)
        outcome, _ = await client.perform(attempt_at(endpoint, limit_s=0.3), call_of())
        await came(lambda: client.pool.size == 0)
    assert isinstance(outcome, Failed)
    assert outcome.ending == "timeout"


async def test_a_slow_head_within_the_limit() -> None:
    """A head that comes late, in pieces, is in time."""
    answer = plain()
    async with provider(in_reads(answer[:5], answer[5:40], answer[40:], gap_s=0.03)) as endpoint:
        outcome, *_ = await perform(endpoint)
    assert outcome == Answered(200)


async def test_a_caller_that_pauses_pauses_the_provider() -> None:
    """While the caller takes nothing, little more than 64 KiB and one read are held, and then all of it arrives."""
    sent = 0
    event = WORD * 500

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(stream_head())
        for _ in range(400):
            writer.write(chunk(event))
            await writer.drain()
            sent += len(event)
        writer.write(chunk(FINISH + DONE) + chunk(b""))

    async with provider(handle) as endpoint, upstream() as client:
        _, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))
        assert answer is not None
        assert not isinstance(answer.body, bytes)
        taker = Taker(is_busy=True)
        work = asyncio.create_task(answer.body.pump(taker))
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.03)
        assert only_connection(client, endpoint)._waiting <= 64 * 1024 + 512 * 1024
        assert sent < 400 * len(event)
        taker.go_on()
        await asyncio.wait_for(work, PATIENCE_S)
        answer.close()
    assert sum(map(len, taker.pieces)) == 400 * len(event) + len(FINISH + DONE)


async def test_silence_while_the_caller_is_slow_is_nobodys_fault() -> None:
    """The limit of silence stands still while reading is paused, and runs again afterwards."""
    many = chunk(WORD * 4000)
    async with provider(and_stays(stream_head() + chunk(WORD) + many * 4)) as endpoint, upstream() as client:
        _, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))
        assert answer is not None
        connection = only_connection(client, endpoint)
        await came(lambda: connection._is_paused)
        connection.watch_silence(0.05)
        await asyncio.sleep(0.12)
        assert connection.is_usable is False
        assert connection._transport is not None
        answer.close()


async def test_silence_in_a_stream_ends_it() -> None:
    """After the first byte: no event for as long as the limit ends the stream as ``upstream_timeout``."""
    async with provider(and_stays(stream_head() + chunk(WORD))) as endpoint, upstream() as client:
        _, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))
        assert answer is not None
        assert not isinstance(answer.body, bytes)
        connection = only_connection(client, endpoint)
        connection.watch_silence(0.05)
        with pytest.raises(Exception, match="broke off") as caught:
            await answer.body.pump(Taker())
        assert caught.value.code == "upstream_timeout"  # type: ignore[attr-defined]
        answer.close()


async def test_a_limit_is_that_of_its_own_request() -> None:
    """On a connection that is used again the limit of the request before neither stays nor goes for longer."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(plain())
        await read_request(reader)
        await asyncio.sleep(0.1)
        writer.write(plain())
        await asyncio.Event().wait()

    for limits_s, ending in (((0.05, 5.0), None), ((60.0, 0.02), "timeout")):
        async with provider(handle) as endpoint, upstream() as client:
            for limit_s in limits_s:
                work = client.perform(attempt_at(endpoint, limit_s=limit_s), call_of())
                outcome, _ = await asyncio.wait_for(work, PATIENCE_S)
        assert (outcome.ending if isinstance(outcome, Failed) else None) == ending


async def test_the_silence_of_a_stream_is_not_that_of_the_next_request() -> None:
    """After a stream, whose silence is watched, the next request on the connection has its own limit again."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(stream_head() + chunk(WORD))
        await asyncio.sleep(0.02)
        writer.write(chunk(FINISH + DONE) + chunk(b""))
        await asyncio.Event().wait()

    async with provider(handle) as endpoint, upstream() as client:
        _, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))
        assert answer is not None
        assert not isinstance(answer.body, bytes)
        only_connection(client, endpoint).watch_silence(60.0)
        await answer.body.pump(Taker())
        answer.close()
        assert client.pool.size == 1
        work = client.perform(attempt_at(endpoint, limit_s=0.03), call_of())
        outcome, _ = await asyncio.wait_for(work, PATIENCE_S)
    assert isinstance(outcome, Failed)
    assert outcome.ending == "timeout"


async def test_alarms_are_not_set_for_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many requests with the same limit set one alarm; none is left of a connection that is gone."""
    loop = asyncio.get_running_loop()
    call_at, rings = loop.call_at, []

    def counting(when: float, callback: Any, *args: Any, **more: Any) -> asyncio.TimerHandle:
        handle = call_at(when, callback, *args, **more)
        if callback.__name__ == "_ring":
            rings.append(handle)
        return handle

    monkeypatch.setattr(loop, "call_at", counting)
    async with provider(and_stays(*[plain()] * 20)) as endpoint, upstream() as client:
        for _ in range(20):
            await client.perform(attempt_at(endpoint), call_of())
        assert client.pool.size == 1
    assert len(rings) == 1
    assert rings[0].cancelled()


async def test_each_draining_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for the end of a body is given up after its own second, not after that of the request before."""
    loop = asyncio.get_running_loop()
    call_later, alarms = loop.call_later, []

    def kept(delay: float, callback: Any, *args: Any, **more: Any) -> asyncio.TimerHandle:
        if callback.__name__ == "_give_up_draining":
            alarms.append(partial(callback, *args))
            assert delay == edge.DRAIN_S
            delay = 3600.0
        return call_later(delay, callback, *args, **more)

    monkeypatch.setattr(loop, "call_later", kept)
    may_end = [asyncio.Event(), asyncio.Event()]

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for event in may_end:
            await read_request(reader)
            writer.write(stream_head() + chunk(WORD + FINISH + DONE))
            await event.wait()
            writer.write(chunk(b""))
        await asyncio.Event().wait()

    async with provider(handle) as endpoint, upstream() as client:
        lane = client.pool.lane(endpoint)
        for number, event in enumerate(may_end, start=1):
            _, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))
            assert answer is not None
            assert not isinstance(answer.body, bytes)
            await answer.body.pump(Taker())
            answer.close()
            assert (len(alarms), lane._idle) == (number, [])
            alarms[0]() if number == 2 else None
            event.set()
            await came(lambda: lane._idle)
        assert (client.pool.size, only_connection(client, endpoint).is_usable) == (1, True)


async def test_an_end_that_never_comes_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that said its last word and does not end costs its connection, after the time for that."""
    monkeypatch.setattr(edge, "DRAIN_S", 0.02)
    async with provider(and_stays(stream_head() + chunk(WORD + FINISH + DONE))) as endpoint, upstream() as client:
        _, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))
        assert answer is not None
        assert not isinstance(answer.body, bytes)
        await answer.body.pump(Taker())
        answer.close()
        assert client.pool.size == 1
        await came(lambda: client.pool.size == 0)


async def test_bytes_that_nobody_asked_for_cost_the_connection() -> None:
    """They could pass for the answer to the next caller."""
    is_answered = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(plain())
        await is_answered.wait()
        writer.write(plain(b'{"choices":[]}'))
        await asyncio.Event().wait()

    async with provider(handle) as endpoint, upstream() as client:
        await client.perform(attempt_at(endpoint), call_of())
        assert client.pool.size == 1
        is_answered.set()
        await came(lambda: client.pool.size == 0)


async def test_a_body_over_the_limit() -> None:
    """A body over the limit is refused, whatever it says."""
    long = answering(plain(b" " * 2000 + WHOLE))
    async with provider(long) as endpoint, upstream(Limits(answer_body_bytes=1000)) as client:
        outcome, _ = await client.perform(attempt_at(endpoint), call_of())
    assert isinstance(outcome, Failed)
    assert outcome.ending == "protocol"
