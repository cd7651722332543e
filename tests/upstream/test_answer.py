"""From a response to an outcome, on responses that need no socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.attempt import Answered, Failed, Hold, NoAnswer, Outcome, Refused, Throttled
from plano.errors import StreamBroken
from plano.ports import Answer
from plano.upstream.answer import IN_ONE_PIECE, Means, judge_response, judge_whole
from plano.upstream.holding import Withheld
from plano.upstream.response import NoUsableAnswer
from tests.upstream.playing import (
    DONE,
    ERROR,
    FINISH,
    KEY,
    ROLE,
    WHOLE,
    WORD,
    attempt_at,
    call_of,
    drained,
    endpoint_at,
    way_of,
)

EVENTS = {"content-type": "text/event-stream; charset=utf-8"}
BROKEN = b"data: {oops\n\n"
COMMENT = b": ping\n\n"
USAGE = b'data: {"choices":[],"usage":{"total_tokens":3}}\n\n'
SECOND = b'data: {"choices":[{"index":1,"delta":{"content":"x"}}]}\n\n'


class Played:
    """A response that gives these pieces, then ends properly or with ``ending``; says how it was given up."""

    def __init__(
        self,
        *pieces: bytes,
        status: int = 200,
        headers: Mapping[str, str] = EVENTS,
        ending: NoAnswer | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.ends_with_connection = "content-length" not in headers and "transfer-encoding" not in headers
        self._pieces = list(pieces)
        self._ending = ending
        self.left = ""
        self.withheld: Withheld | None = None

    async def flow(self, take: Callable[[bytes], bool]) -> bool:
        """One after the other, until nobody takes any."""
        while data := await self.piece():
            if not take(data):
                return False
        return True

    async def piece(self) -> bytes:
        """The next one."""
        if self._pieces:
            return self._pieces.pop(0)
        if self._ending is not None:
            raise NoUsableAnswer(self._ending)
        return b""

    def watch_silence(self, limit_s: float, *, within_s: float | None = None) -> None:
        """Nobody waits here."""

    def close(self) -> None:
        """Given up."""
        self.left = self.left or "closed"

    def drain(self) -> None:
        """Given up with its end in sight."""
        self.left = self.left or "drained"


async def judged(response: Played, *, is_stream: bool = True, is_last: bool = True) -> tuple[Outcome, Answer | None]:
    """What becomes of it."""
    attempt = attempt_at(endpoint_at(80), is_last=is_last)
    call = call_of(is_stream=is_stream)
    return await judge_response(response, attempt, call, way_of(call, endpoint_at(80)), means=Means(lambda: 0.0))


async def relayed(response: Played, **how: bool) -> tuple[bytes, Exception | None]:
    """What the caller gets, and how it broke off."""
    outcome, answer = await judged(response, **how)
    assert outcome == Answered(200)
    return await drained(answer)


@given(st.lists(st.sampled_from([ROLE, WORD, COMMENT, USAGE]), max_size=6), st.data())
async def test_a_whole_stream_passes_byte_for_byte(middle: list[bytes], data: st.DataObject) -> None:
    """However it is cut into reads, the caller gets the same bytes, and the end is drained."""
    stream = b"".join([WORD, *middle, FINISH, DONE])
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=5)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    response = Played(*pieces)
    assert await relayed(response, is_last=data.draw(st.booleans())) == (stream, None)
    assert response.left == "drained"


@given(st.integers(0, len(WORD + WORD + FINISH) - 3), st.sampled_from([None, "truncated", "timeout", "protocol"]))
async def test_a_cut_stream_never_passes_for_a_whole_one(cut: int, ending: NoAnswer | None) -> None:
    """Cut at any byte before the finish, cleanly or not: no answer at all, or an error after whole events only."""
    stream = (WORD + WORD + FINISH)[:cut]
    response = Played(stream, ending=ending) if stream else Played(ending=ending)
    try:
        body, broken = await relayed(response)
    except NoUsableAnswer:
        return
    assert isinstance(broken, StreamBroken)
    assert (WORD + WORD).startswith(body)
    assert body.endswith(b"\n\n")
    assert response.left == "closed"


@pytest.mark.parametrize(
    ("end", "added"),
    [((FINISH, DONE), b""), ((FINISH,), DONE), ((FINISH[:-1],), b"\n" + DONE), ((FINISH, USAGE), DONE)],
)
async def test_good_ends(end: tuple[bytes, ...], added: bytes) -> None:
    """A finish is success; a missing blank line and a missing ``[DONE]`` are made good."""
    assert await relayed(Played(WORD, *end)) == (WORD + b"".join(end) + added, None)


async def test_one_choice_of_two_is_not_the_end() -> None:
    """Every choice seen needs its finish."""
    _, broken = await relayed(Played(WORD + SECOND, FINISH))
    assert isinstance(broken, StreamBroken)
    assert broken.code == "upstream_truncated"


@pytest.mark.parametrize("quiet", [COMMENT, ROLE, USAGE])
async def test_what_is_held_back(quiet: bytes) -> None:
    """While somebody is left nothing but content commits; the last one's first event does, comments never."""
    with pytest.raises(NoUsableAnswer):
        await judged(Played(quiet, ending="timeout"), is_last=False)
    if quiet == COMMENT:
        with pytest.raises(NoUsableAnswer):
            await judged(Played(quiet, ending="timeout"))
    else:
        outcome, _ = await judged(Played(quiet, ending="timeout"))
        assert outcome == Answered(200)
    assert await relayed(Played(quiet, WORD, FINISH, DONE), is_last=False) == (quiet + WORD + FINISH + DONE, None)


async def test_malformed_events() -> None:
    """The first one is no answer; later three are dropped, the fourth ends the stream."""
    with pytest.raises(NoUsableAnswer):
        await judged(Played(BROKEN + WORD))
    assert await relayed(Played(WORD, BROKEN, BROKEN + WORD, BROKEN, FINISH, DONE)) == (
        WORD + WORD + FINISH + DONE,
        None,
    )
    body, broken = await relayed(Played(WORD, *[BROKEN] * 4, FINISH, DONE))
    assert isinstance(broken, StreamBroken)
    assert (body, broken.code, broken.status) == (WORD, "upstream_invalid_response", 502)


async def test_an_error_after_the_first_byte() -> None:
    """The caller gets the code inside; what comes later is not read."""
    body, broken = await relayed(Played(WORD, ERROR, WORD, FINISH, DONE))
    assert isinstance(broken, StreamBroken)
    assert (body, broken.code) == (WORD, "upstream_error")
    assert "no" not in broken.message.split()


@pytest.mark.parametrize(("is_stream", "body"), [(False, b"".join((WORD, FINISH, DONE))), (True, b"")])
async def test_the_wrong_kind_of_body(is_stream: bool, body: bytes) -> None:
    """Events nobody asked for, or no body at all, are no answer."""
    with pytest.raises(NoUsableAnswer):
        await judged(Played(*([body] if body else [])), is_stream=is_stream)


async def test_a_plain_answer_to_a_stream() -> None:
    """A provider that does not stream is told as a stream: clients take anything else for an empty one."""
    outcome, answer = await judged(Played(WHOLE, headers={"content-type": "application/json"}))
    assert outcome == Answered(200)
    assert answer is not None
    assert isinstance(answer.body, bytes)
    assert answer.body.startswith(b"data: {")
    assert answer.body.endswith(b"data: [DONE]\n\n")
    assert (("content-type", "text/event-stream") in answer.headers, len(answer.headers)) == (True, 1)
    assert answer.warnings == (IN_ONE_PIECE,)


async def test_two_choices_in_one_piece() -> None:
    """Cannot be told as a stream, and nothing is left out in silence."""
    choice = {"message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}
    body = json.dumps({"choices": [choice, {**choice, "index": 1}]}).encode()
    with pytest.raises(NoUsableAnswer):
        await judged(Played(body, headers={"content-type": "application/json"}))


@pytest.mark.parametrize("body", [WHOLE, WHOLE[:9], b"", b'{"error":{"code":"x"}}', b'{"error":{"code":429}}'])
async def test_at_once_or_in_pieces(body: bytes) -> None:
    """A body that came with its head is judged as one that comes in pieces."""
    headers, call = {"content-length": str(len(body))}, call_of()
    pieces = [body[:9], body[9:]] if len(body) > 9 else [body] * bool(body)

    async def in_pieces() -> object:
        try:
            outcome, answer = await judged(Played(*pieces, headers=headers), is_stream=False)
        except NoUsableAnswer as end:
            assert end.ending == "protocol"
            return None
        return outcome, answer and (answer.status, answer.body, answer.usage())

    way = way_of(call, endpoint_at(80))
    ended = judge_whole(body, headers, attempt_at(endpoint_at(80)), call, way, means=Means(lambda: 0.0))
    answer = None if ended is None else ended[1]
    at_once = None if ended is None else (ended[0], answer and (answer.status, answer.body, answer.usage()))
    assert at_once == await in_pieces()


@pytest.mark.parametrize(
    ("status", "error", "headers", "outcome"),
    [
        (429, {}, {"retry-after": "7"}, Throttled(Hold(7.0))),
        (429, {}, {}, Throttled(None)),
        (400, {"code": "model_not_found"}, {}, "upstream_model_missing"),
        (429, {"code": "insufficient_quota"}, {}, "upstream_account_error"),
        (500, {"code": "content_policy_violation"}, {}, Refused(500)),
        (422, {"code": 7}, {}, Refused(422)),
    ],
)
async def test_status_and_code(status: int, error: dict[str, Any], headers: dict[str, str], outcome: Any) -> None:
    """Status, the provider's own code and its fields together make the outcome."""
    response = Played(json.dumps({"error": error}).encode(), status=status, headers=headers)
    ended, answer = await judged(response)
    assert (ended.verdict.code if isinstance(ended, Failed) else ended) == outcome
    assert (answer is not None) == isinstance(ended, Refused)


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"[]", b'{"error":"text"}', b'{"error":{}}', b"{" * 5000])
async def test_a_refusal_without_words(body: bytes) -> None:
    """Whatever stands in a refusal's body, the caller gets JSON with message, code and trace id."""
    outcome, answer = await judged(Played(body, status=400, headers={}) if body else Played(status=400, headers={}))
    assert outcome == Refused(400)
    assert answer is not None
    assert isinstance(answer.body, bytes)
    error = json.loads(answer.body)["error"]
    assert error["message"]
    assert (error["code"], error["trace_id"]) == ("upstream_rejected", call_of().trace_id)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"message": "prompt is too long: 9 tokens > 8 maximum", "code": None}, "context_length_exceeded"),
        ({"message": "This model's maximum context length is 8 tokens.", "code": 400}, "context_length_exceeded"),
        ({"message": "too long", "code": "string_above_max_length"}, "context_length_exceeded"),
        ({"message": "was rejected as a result of our safety system", "code": ""}, "content_policy_violation"),
        ({"message": "flagged", "code": "content_filter"}, "content_filter"),
        ({"message": "top_p is wrong", "code": None}, "upstream_rejected"),
    ],
)
async def test_the_code_of_a_refusal(error: dict[str, Any], code: str) -> None:
    """A prompt that is too long has one code in whatever words it was said; else a provider's own code stays."""
    _, answer = await judged(Played(json.dumps({"error": error}).encode(), status=400, headers={}))
    assert answer is not None
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body)["error"]["code"] == code


async def test_the_key_does_not_come_back() -> None:
    """A provider that echoes its key, anywhere in its error: masked."""
    said = {"message": f"bad key {KEY}", "param": [KEY, {"x": f"<{KEY}>"}], "code": KEY}
    _, answer = await judged(Played(json.dumps({"error": said}).encode(), status=400, headers={}))
    assert answer is not None
    assert isinstance(answer.body, bytes)
    assert KEY.encode() not in answer.body
    assert b"bad key" in answer.body


async def test_a_refusal_cut_short_is_still_a_refusal() -> None:
    """The status said enough."""
    outcome, _ = await judged(Played(b'{"error":', status=413, headers={}, ending="truncated"))
    assert outcome == Refused(413)
