"""Streams that are held back until they are whole: nothing of a part is seen, and the memory for it has an end."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import structs

from plano.domain.attempt import Answered, Failed
from plano.upstream.holding import Room
from tests.upstream.playing import (
    DONE,
    FINISH,
    ROLE,
    WORD,
    and_stays,
    answering,
    attempt_at,
    call_of,
    chunk,
    connected,
    drained,
    in_reads,
    provider,
    read_request,
    stream_head,
    upstream,
)

WHOLE = ROLE + WORD + WORD + FINISH + DONE


async def test_a_whole_one_is_handed_over_in_one_piece() -> None:
    """Byte for byte, with the moment of its first content; the connection is used again and the memory is free."""
    sent = stream_head() + chunk(WHOLE) + chunk(b"")
    async with provider(and_stays(sent, sent)) as endpoint, upstream() as client:
        for _ in range(2):
            held = structs.replace(attempt_at(endpoint), is_withheld=True)
            outcome, answer = await client.perform(held, call_of(is_stream=True))
            assert outcome == Answered(200)
            assert answer is not None
            assert not isinstance(answer.body, bytes)
            assert answer.body.first_content_at is not None
            assert client.room.taken == len(WHOLE)
            assert await drained(answer) == (WHOLE, None)
            answer.close()
            assert client.room.taken == 0
        assert client.pool.size == 1


@pytest.mark.parametrize("is_last", [False, True])
@pytest.mark.parametrize("begun", [b"", ROLE, ROLE + WORD, ROLE + WORD + WORD])
async def test_a_cut_one_is_a_failed_attempt(begun: bytes, is_last: bool) -> None:
    """Wherever it is cut, and whoever is left: the caller has seen nothing, and nothing is kept."""
    async with provider(answering(stream_head() + chunk(begun))) as endpoint, upstream() as client:
        held = structs.replace(attempt_at(endpoint, is_last=is_last), is_withheld=True)
        outcome, answer = await client.perform(held, call_of(is_stream=True))
        assert isinstance(outcome, Failed)
        assert (outcome.ending, answer, client.room.taken) == ("truncated", None, 0)


async def test_silence_after_the_first_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """Watched as in a stream that has begun: the limit of the first content is over, the one of silence counts."""
    monkeypatch.setattr("plano.upstream.http.STREAM_IDLE_S", 0.1)
    slow = in_reads(stream_head() + chunk(ROLE + WORD), chunk(FINISH + DONE) + chunk(b""), gap_s=5.0)
    async with provider(slow) as endpoint, upstream() as client:
        held = structs.replace(attempt_at(endpoint, limit_s=60.0, is_last=False), is_withheld=True, first_token_s=30.0)
        outcome, _ = await client.perform(held, call_of(is_stream=True))
        assert isinstance(outcome, Failed)
        assert outcome.ending == "timeout"


async def test_the_deadline_goes_on() -> None:
    """It does not stand still because content came: the caller has seen none of it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(stream_head() + chunk(ROLE))
        while not writer.is_closing():
            writer.write(chunk(WORD))
            await asyncio.sleep(0.01)

    async with provider(handle) as endpoint, upstream() as client:
        await connected(client, endpoint)
        held = structs.replace(attempt_at(endpoint, limit_s=0.3), is_withheld=True)
        outcome, _ = await client.perform(held, call_of(is_stream=True))
        assert isinstance(outcome, Failed)
        assert (outcome.ending, client.room.taken) == ("timeout", 0)


@pytest.mark.parametrize("room", [Room(most=60), Room(most_of_all=60)])
async def test_one_that_is_too_large_goes_on_to_its_caller(room: Room) -> None:
    """Beyond what may be kept it is a stream like any other: its caller gets it as it comes."""
    large = in_reads(stream_head() + chunk(ROLE + WORD), chunk(WORD + FINISH + DONE) + chunk(b""), gap_s=0.05)
    async with provider(large) as endpoint, upstream() as client:
        client.room = room
        held = structs.replace(attempt_at(endpoint), is_withheld=True)
        outcome, answer = await client.perform(held, call_of(is_stream=True))
        assert outcome == Answered(200)
        assert answer is not None
        assert await drained(answer) == (WHOLE, None)
        answer.close()
        assert room.taken == 0
