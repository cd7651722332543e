"""A stream that is not whole never shows the caller an end, and nothing comes after the first end."""

from __future__ import annotations

import pytest

from plano.domain.attempt import Failed
from plano.upstream.answer import Means, judge_response
from plano.upstream.response import NoUsableAnswer
from tests.upstream.playing import (
    DONE,
    ERROR,
    FINISH,
    ROLE,
    WORD,
    Handler,
    answering,
    attempt_at,
    call_of,
    chunk,
    endpoint_at,
    in_reads,
    perform,
    provider,
    stream_head,
    way_of,
)
from tests.upstream.test_answer import Played


def streamed(*reads: bytes) -> bytes:
    """A chunked stream, each read one chunk."""
    return stream_head() + b"".join(chunk(read) for read in reads) + chunk(b"")


@pytest.mark.parametrize("is_last", [False, True])
async def test_done_without_a_finish_does_not_reach_the_caller(is_last: bool) -> None:
    """F44: ``[DONE]`` without a finish is a failure; the official clients stop reading at ``[DONE]``."""
    async with provider(answering(streamed(ROLE, WORD, DONE))) as endpoint:
        outcome, _, body, broken = await perform(endpoint, is_stream=True, is_last=is_last)
    assert broken is not None or isinstance(outcome, Failed)
    assert b"[DONE]" not in body


async def test_done_behind_an_error_in_one_read_does_not_reach_the_caller() -> None:
    """An in-band error after the first byte ends the stream: the provider's ``[DONE]`` behind it is not passed on."""
    async with provider(_late(WORD, ERROR + DONE)) as endpoint:
        _, _, body, broken = await perform(endpoint, is_stream=True)
    assert broken is not None
    assert b"[DONE]" not in body


async def test_content_behind_an_error_does_not_reach_the_caller() -> None:
    """What comes after the error stays behind it, in one read as in two."""
    async with provider(_late(WORD, ERROR + WORD)) as endpoint:
        _, _, body, broken = await perform(endpoint, is_stream=True)
    assert broken is not None
    assert body == WORD


async def test_one_terminal_event() -> None:
    """R-012: the second ``[DONE]`` is dropped, also when it comes in the same read as the first."""
    async with provider(_late(WORD, FINISH + DONE + DONE)) as endpoint:
        _, _, body, broken = await perform(endpoint, is_stream=True)
    assert broken is None
    assert body.count(b"[DONE]") == 1


async def test_last_event_with_carriage_returns() -> None:
    """A stream whose lines end with CR is whole: at its end the last line is complete."""
    stream = (WORD + FINISH).replace(b"\n", b"\r")
    async with provider(answering(streamed(stream))) as endpoint:
        outcome, _, body, broken = await perform(endpoint, is_stream=True)
    assert (str(broken), outcome.__class__.__name__) == ("None", "Answered")
    assert b'"finish_reason":"stop"' in body


def _late(first: bytes, second: bytes) -> Handler:
    """A stream in two reads."""
    return in_reads(stream_head() + chunk(first), chunk(second) + chunk(b""))


@pytest.mark.parametrize("event", [b"retry: 3000\n\n", b"event: ping\n\n", b"id: 1\n\n", b"\n\n"])
async def test_an_event_without_data_commits_nothing(event: bytes) -> None:
    """Rule 8: what has no data is as good as a comment; the caller still gets a status when nothing else comes."""
    async with provider(in_reads(stream_head() + chunk(event), b"")) as endpoint:
        outcome, *_ = await perform(endpoint, is_stream=True)
    assert isinstance(outcome, Failed)


async def test_what_is_held_back_is_bounded() -> None:
    """Comments without end are not collected without end: beyond the size of an event the answer is none."""
    response = Played(*[b": " + b"x" * 1_000_000 + b"\n\n"] * 40)
    call, there = call_of(is_stream=True), endpoint_at(80)
    with pytest.raises(NoUsableAnswer) as caught:
        await judge_response(response, attempt_at(there), call, way_of(call, there), means=Means(lambda: 0.0))
    assert caught.value.ending == "protocol"
