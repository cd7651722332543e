"""One attempt: the body it sends, the connection it uses, the time it takes, and what is left behind."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from msgspec import structs

from plano.domain.attempt import Answered, Failed
from plano.upstream import http, pool
from tests.upstream.playing import (
    DONE,
    FINISH,
    KEY,
    ROLE,
    WORD,
    and_stays,
    answering,
    attempt_at,
    black_hole,
    call_of,
    chunk,
    connected,
    drained,
    endpoint_at,
    in_reads,
    plain,
    provider,
    read_request,
    reset,
    settle,
    stream_head,
    upstream,
)
from tests.waiting import PATIENCE_S, came

STREAM = stream_head() + chunk(WORD + FINISH + DONE) + chunk(b"")


async def test_what_is_sent() -> None:
    """The configured target and host, the provider's key, the caller's bytes with the provider's own model id."""
    seen: list[tuple[bytes, bytes]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(plain())

    async with provider(handle) as endpoint, upstream() as client:
        await client.perform(attempt_at(replace(endpoint, path="/v9/chat?x=1", host_header="named.example")), call_of())
    ((head, body),) = seen
    assert head.startswith(b"POST /v9/chat?x=1 HTTP/1.1\r\nhost: named.example\r\n")
    assert f"authorization: Bearer {KEY}\r\n".encode() in head
    assert json.loads(body)["model"] == "m"


@pytest.mark.parametrize("is_stream", [False, True])
async def test_a_whole_answer_gives_its_connection_back(is_stream: bool) -> None:
    """The second attempt goes over the first one's connection, and says that connecting took no time."""
    answer = STREAM if is_stream else plain()
    async with provider(and_stays(answer, answer)) as endpoint, upstream() as client:
        times = []
        for _ in range(2):
            outcome, given = await client.perform(attempt_at(endpoint), call_of(is_stream=is_stream))
            assert outcome == Answered(200)
            assert given is not None
            times.append(given.connect_s)
            await drained(given)
        assert client.pool.size == 1
    assert times[0] > 0.0 == times[1]


async def test_an_error_with_a_whole_body_gives_its_connection_back() -> None:
    """A failed attempt costs no connection where the answer was whole."""
    error = plain(b'{"error":{"message":"no"}}', status="500 Internal Server Error")
    async with provider(and_stays(error, plain())) as endpoint, upstream() as client:
        await client.perform(attempt_at(endpoint), call_of())
        outcome, _ = await client.perform(attempt_at(endpoint), call_of())
        assert (outcome, client.pool.size) == (Answered(200), 1)


@pytest.mark.parametrize("begun", [b"", b'{"error":'])
async def test_the_body_of_an_error_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    """Its status says what comes next: a provider that never ends it used to hold the caller for half the deadline."""
    monkeypatch.setattr(http, "ERROR_BODY_S", 0.05)
    head = b"HTTP/1.1 500 Internal Server Error\r\n\r\n"
    async with provider(and_stays(head + begun)) as endpoint, upstream() as client:
        attempt = attempt_at(endpoint, limit_s=600.0, is_last=False)
        outcome, _ = await asyncio.wait_for(client.perform(attempt, call_of()), PATIENCE_S)
        assert isinstance(outcome, Failed)
        assert outcome.ending == 500
        assert client.pool.size == 0


async def closes_at_reuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers once, and closes when the second request comes."""
    await read_request(reader)
    writer.write(plain())
    await read_request(reader)


async def resets_at_reuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers once, and resets when the second request comes."""
    await closes_at_reuse(reader, writer)
    reset(writer)


@pytest.mark.parametrize("handler", [closes_at_reuse, resets_at_reuse])
async def test_a_stale_connection_is_replaced(handler: object) -> None:
    """F10: closed at reuse before any byte of the answer: the same attempt goes on over a fresh connection."""
    async with provider(handler, and_stays(plain())) as endpoint, upstream() as client:  # type: ignore[arg-type]
        await client.perform(attempt_at(endpoint), call_of())
        outcome, _ = await client.perform(attempt_at(endpoint), call_of())
        await settle()
        assert (outcome, client.pool.size) == (Answered(200), 1)


async def test_a_stale_connection_is_replaced_once() -> None:
    """A fresh connection that is closed as well ends the attempt."""
    async with provider(closes_at_reuse, answering(b"")) as endpoint, upstream() as client:
        await client.perform(attempt_at(endpoint), call_of())
        outcome, _ = await client.perform(attempt_at(endpoint), call_of())
    assert isinstance(outcome, Failed)
    assert outcome.ending == "reset"


async def test_a_byte_of_an_answer_is_no_stale_connection() -> None:
    """Once the provider has begun to answer, nothing is sent a second time."""
    requests = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await read_request(reader)
        requests += 1
        writer.write(plain())
        await read_request(reader)
        requests += 1
        writer.write(b"HTTP/1.1 2")

    async with provider(handle) as endpoint, upstream() as client:
        await client.perform(attempt_at(endpoint), call_of())
        outcome, _ = await client.perform(attempt_at(endpoint), call_of())
    assert isinstance(outcome, Failed)
    assert (outcome.ending, requests) == ("reset", 2)


async def test_first_content_has_a_limit_of_its_own() -> None:
    """While somebody is left, a stream that only says who speaks is given up; the last one gets all its time."""
    late = in_reads(stream_head() + chunk(ROLE), chunk(WORD + FINISH + DONE) + chunk(b""), gap_s=0.15)
    never = and_stays(stream_head() + chunk(ROLE))
    async with provider(never, late) as endpoint, upstream() as client:
        await connected(client, endpoint)
        first = structs.replace(attempt_at(endpoint, is_last=False), first_token_s=0.05)
        outcome, _ = await client.perform(first, call_of(is_stream=True))
        assert isinstance(outcome, Failed)
        assert outcome.ending == "timeout"
        outcome, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))
        assert outcome == Answered(200)
        body, broken = await drained(answer)
    assert (body, broken) == (ROLE + WORD + FINISH + DONE, None)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", plain()[:-3], stream_head() + chunk(ROLE)])
async def test_cancelling_closes_the_connection(begun: bytes) -> None:
    """In every phase: the provider sees the end at once, and nothing is kept."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(begun)
        asked.set()
        try:
            await reader.read()
        finally:
            gone.set()

    async with provider(handle) as endpoint, upstream() as client:
        work = asyncio.create_task(client.perform(attempt_at(endpoint, is_last=False), call_of(is_stream=True)))
        await asked.wait()
        await asyncio.sleep(0.03)
        work.cancel()
        await asyncio.wait_for(gone.wait(), PATIENCE_S)
        assert work.cancelled()
        assert client.pool.size == 0


async def test_the_endpoints_own_limit_counts() -> None:
    """The smaller of the endpoint's connect timeout and what is left of the attempt ends the connecting."""
    with black_hole() as port:
        for connect_timeout_s, limit_s in ((0.05, 60.0), (60.0, 0.05)):
            endpoint = replace(endpoint_at(port), connect_timeout_s=connect_timeout_s)
            async with upstream() as client:
                outcome, _ = await client.perform(attempt_at(endpoint, limit_s=limit_s), call_of())
            assert isinstance(outcome, Failed)
            assert outcome.ending == "connect_timeout"


async def test_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a place in time the attempt ended as ``busy``: the gateway's doing, not the model's."""
    monkeypatch.setattr(pool, "WAIT_S", 0.02)
    async with provider(and_stays(stream_head() + chunk(WORD))) as endpoint, upstream() as client:
        client.pool.lane(endpoint).most = 1
        _, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))
        outcome, nothing = await client.perform(attempt_at(endpoint), call_of())
        assert answer is not None
        answer.close()
    assert isinstance(outcome, Failed)
    assert (outcome.ending, outcome.verdict.code, nothing) == ("busy", "gateway_overloaded", None)


@pytest.mark.parametrize("size", [10, 60_000, 300_000])
async def test_every_size_arrives(size: int) -> None:
    """Head and body are written in one where they are small, and arrive whole where they are not."""
    seen: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            seen.append((await read_request(reader))[1])
            writer.write(plain())

    async with provider(handle) as endpoint, upstream() as client:
        for _ in range(2):
            outcome, _ = await client.perform(attempt_at(endpoint), call_of(size=size))
            assert outcome == Answered(200)
        assert client.pool.size == 1
    assert [len(json.loads(body)["messages"][0]["content"]) for body in seen] == [size, size]


async def test_closing_an_answer_twice() -> None:
    """An answer that is given up in mid-stream closes its connection, once."""
    async with provider(and_stays(stream_head() + chunk(WORD))) as endpoint, upstream() as client:
        _, answer = await client.perform(attempt_at(endpoint), call_of(is_stream=True))
        assert answer is not None
        answer.close()
        answer.close()
        await settle()
        assert client.pool.size == 0


async def test_a_field_that_cannot_be_written_leaves_no_connection_behind() -> None:
    """What goes wrong before a byte is sent closes the connection that was taken for it: nobody else may have it."""
    async with provider(and_stays(plain(), plain())) as endpoint, upstream() as client:
        await client.perform(attempt_at(endpoint), call_of())
        wrong = structs.replace(call_of(), headers=(("x-request-id", "a\r\nb"),))
        with pytest.raises(ValueError, match="may not stand there"):
            await client.perform(attempt_at(endpoint), wrong)
        await came(lambda: client.pool.size == 0)
