"""What a provider said reaches the caller as what it is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from plano.domain.attempt import Failed, Hold, Refused, Throttled
from plano.domain.secret import Secret
from tests.upstream.playing import (
    ERROR,
    answering,
    attempt_at,
    call_of,
    chunk,
    perform,
    plain,
    provider,
    stream_head,
    upstream,
)


def error(**members: Any) -> bytes:
    """The body of an error."""
    return json.dumps({"error": members}).encode()


@pytest.mark.parametrize("kind", ["text/html", "text/plain; charset=latin-1"])
async def test_a_refusal_is_json_and_says_so(kind: str) -> None:
    """Plano wrote that body: it is JSON, whatever the provider sent."""
    page = b"<html>bad request</html>"
    head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: {kind}\r\ncontent-length: {len(page)}\r\n\r\n".encode()
    async with provider(answering(head + page)) as endpoint:
        outcome, answer, *_ = await perform(endpoint)
    assert outcome == Refused(400)
    assert answer is not None
    assert dict(answer.headers).get("content-type", "application/json") == "application/json"


async def test_a_refusal_in_a_stream_is_no_stream() -> None:
    """An in-band refusal as the first event becomes a status and a JSON body, not an event stream."""
    event = b"data: " + error(message="no", code="content_filter") + b"\n\n"
    async with provider(answering(stream_head() + chunk(event) + chunk(b""))) as endpoint:
        outcome, answer, *_ = await perform(endpoint, is_stream=True)
    assert isinstance(outcome, Refused)
    assert answer is not None
    assert dict(answer.headers).get("content-type", "application/json") == "application/json"


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ({"code": 429, "message": "slow down"}, "upstream_rate_limited"),
        ({"code": 503, "message": "later"}, "upstream_overloaded"),
        ({"code": 401, "message": "key"}, "upstream_account_error"),
        ({"type": "rate_limit_error", "message": "slow down"}, "upstream_rate_limited"),
        ({"type": "overloaded_error", "message": "later"}, "upstream_overloaded"),
    ],
)
async def test_an_error_inside_a_200_is_what_its_code_says(inside: dict[str, Any], code: str) -> None:
    """R-018: the status that some providers put into the error counts as that status."""
    async with provider(answering(plain(error(**inside)))) as endpoint:
        outcome, *_ = await perform(endpoint)
    if code == "upstream_rate_limited":
        assert isinstance(outcome, Throttled)
    else:
        assert isinstance(outcome, Failed)
        assert outcome.verdict.code == code


@pytest.mark.parametrize("is_stream", [False, True])
async def test_an_error_inside_a_200_may_name_a_time(is_stream: bool) -> None:
    """The model is held for as long as its provider asks, whatever status it said that with."""
    body = error(code="rate_limit_exceeded", message="Please try again in 7s.")
    sent = stream_head() + chunk(b"data: " + body + b"\n\n") + chunk(b"") if is_stream else plain(body)
    async with provider(answering(sent)) as endpoint:
        outcome, *_ = await perform(endpoint, is_stream=is_stream)
    assert outcome == Throttled(Hold(7.0))


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
async def test_the_callers_own_key_is_the_callers_mistake(status: str) -> None:
    """Contract 5: with ``passthrough_auth`` 401 and 403 are the caller's, and are tried nowhere else."""
    async with provider(answering(plain(error(message="no"), status=status))) as endpoint, upstream() as client:
        own = replace(endpoint, passthrough_auth=True, key=None)
        outcome, _ = await client.perform(attempt_at(own), call_of(credential=Secret("caller-key-1")))
    assert isinstance(outcome, Refused)


@pytest.mark.parametrize(
    "members",
    [
        {"message": "you sent tok_abcdefgh12345"},
        {"message": "no", "tok_abcdefgh12345": True},
    ],
    ids=["a configured header's value", "as the name of a member"],
)
async def test_no_secret_comes_back_in_a_refusal(members: dict[str, Any]) -> None:
    """SEC-41: what the configuration sends as a static field or key is masked in the provider's words."""
    async with provider(answering(plain(error(**members), status="400 Bad Request"))) as endpoint, upstream() as client:
        with_field = replace(
            endpoint,
            headers=(("x-portal-key", "tok_abcdefgh12345"),),
            key=Secret("tok_abcdefgh12345" if "tok_abcdefgh12345" in members else "other-key-1"),
        )
        _, answer = await client.perform(attempt_at(with_field), call_of())
    assert answer is not None
    assert isinstance(answer.body, bytes)
    assert b"tok_abcdefgh12345" not in answer.body


async def test_numbers_of_any_size_in_a_refusal() -> None:
    """A provider's error with a number over 64 bits is passed on, not turned into a defect of the gateway."""
    body = b'{"error":{"message":"no","limit":123456789012345678901234567890}}'
    async with provider(answering(plain(body, status="400 Bad Request"))) as endpoint:
        outcome, *_ = await perform(endpoint)
    assert outcome == Refused(400)


async def test_error_then_nothing_is_still_an_error() -> None:
    """A lone in-band error fails the attempt (the control of this file: passes)."""
    async with provider(answering(stream_head() + chunk(ERROR) + chunk(b""))) as endpoint:
        outcome, *_ = await perform(endpoint, is_stream=True)
    assert isinstance(outcome, Failed)


@pytest.mark.parametrize("code", ["\u00b2\u00b2\u00b2", "9" * 5_000, "4290"])
async def test_a_code_of_other_digits_is_no_status(code: str) -> None:
    """An error inside a 200 is the provider's, whatever its code: some were taken for numbers, and ended in a 500."""
    async with provider(answering(plain(error(code=code, message="no")))) as endpoint:
        outcome, *_ = await perform(endpoint)
    assert isinstance(outcome, Failed)
    assert outcome.verdict.code == "upstream_error"


async def test_a_refusal_may_be_deep() -> None:
    """Its text reaches the caller; what nobody can read in it does not, and is no 500 either."""
    body = b'{"error":{"message":"no","inner":' + b"[" * 900 + b'"sk-abcdefgh"' + b"]" * 900 + b"}}"
    async with provider(answering(plain(body, status="400 Bad Request"))) as endpoint:
        outcome, answer, *_ = await perform(endpoint)
    assert outcome == Refused(400)
    assert answer is not None
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body)["error"]["message"] == "no"
    assert b"sk-abcdefgh" not in answer.body
