"""Failover. Numbers are those of the acceptance cases; those in which time moves are in the twin tests of the rooms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.answers import ok
from tests.acceptance.hosts import Answer, said
from tests.acceptance.stand import OFF, Stand, stand
from tests.running import A, B, C

HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
ERROR = {"type": "error", "error": {"type": "api_error", "message": "x"}, "request_id": "r"}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529, 401, 402, 403])
def test_317_next_candidate(status: int) -> None:
    """317, 318. The next one answers, and the attempts are told."""
    with stand() as f:
        f.ua.usual = lambda _: said(ERROR, status)
        answer = f.x()
        assert (answer.status_code, answer.headers["x-plano-model"]) == (200, B)
        assert answer.headers["x-plano-attempts"] == f"{A}={status}, {B}=200"


@pytest.mark.parametrize(
    "bad",
    [
        said(ERROR),
        Answer(),
        Answer(body=b"null"),
        Answer(body=b"<html></html>", fields={"content-type": "text/html"}),
        Answer(body=b'{"id": "msg_1", "type": "mess'),
        Answer(302, b"", {"location": "http://127.0.0.1:9/"}),
        said({"type": "error", "error": {"type": "not_found_error", "message": "model: x"}}, 404),
    ],
)
def test_319_bad_answers(bad: Answer) -> None:
    """318, 319. What is no answer is a failure, whatever its status."""
    with stand() as f:
        f.ua.usual = lambda _: bad
        answer = f.x()
        assert (answer.status_code, answer.headers["x-plano-model"]) == (200, B)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_320_callers_mistakes(f: Stand, status: int) -> None:
    """320, 336. The caller's own mistake goes to the caller and counts against nobody."""
    f.ua.script = [said({"type": "error", "error": {"type": "invalid_request_error", "message": "m"}}, status)] * 6
    for _ in range(6):
        assert f.x().status_code == status
    assert f.calls()[1:] == (6, 0)
    assert f.d().json()["models"] == [A, B]


def test_321_refusals_are_answers(f: Stand) -> None:
    """321. A policy's refusal is not routed around."""
    words = "Output blocked by content filtering policy"
    f.ua.script = [said({"type": "error", "error": {"type": "invalid_request_error", "message": words}}, 400)]
    assert f.x().status_code == 400
    assert f.calls()[2] == 0


def test_322_window(f: Stand) -> None:
    """322. Too long for A: only a larger known window is tried, and B's is smaller."""
    words = "prompt is too long: 250000 tokens > 200000 maximum"
    f.ua.script = [said({"type": "error", "error": {"type": "invalid_request_error", "message": words}}, 400)]
    answer = f.x()
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "context_length_exceeded")
    assert f.calls()[2] == 0


def test_323_last_candidate_twice() -> None:
    """323. The last one left is tried once more."""
    with stand() as f:
        f.ua.usual = f.uo.usual = lambda _: said(ERROR, 503)
        answer = f.x()
        assert f.calls()[1:] == (1, 2)
        assert [one["model"] for one in answer.json()["error"]["attempts"]] == [A, B, B]


@pytest.mark.parametrize(
    ("answers", "status", "code"),
    [([503, 503], 503, "upstream_overloaded"), ([500, 500], 502, "upstream_error"), ([503], 200, None)],
)
def test_324_alone(answers: list[int], status: int, code: str | None) -> None:
    """324. A single candidate is tried twice."""
    with stand() as f:
        f.uo.script = [said({"error": {"message": "x"}}, each) for each in answers]
        answer = f.x(OFF)
        assert (answer.status_code, f.calls()[2]) == (status, 2)
        if code:
            assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize(("after", "status", "calls"), [("1", 200, 2), ("30", 429, 1)])
def test_324_retry_after(after: str, status: int, calls: int) -> None:
    """324. A short promise is waited for, a long one is told at once."""
    with stand() as f:
        f.uo.script = [said({"error": {"message": "x"}}, 429, retry_after=after)]
        answer = f.x(OFF)
        assert (answer.status_code, f.calls()[2]) == (status, calls)


@pytest.mark.parametrize(
    "promise",
    [
        {"retry_after": "30"},
        {"retry_after_ms": "30000"},
        {"x_ratelimit_reset_requests": "30s", "x_ratelimit_remaining_requests": "0"},
    ],
)
def test_325_promises(promise: dict[str, str]) -> None:
    """180, 325, 327. Until its time no request reaches the model; the decision says why."""
    with stand() as f:
        f.ua.script = [said(ERROR, 429, **promise)]
        assert f.x().headers["x-plano-model"] == B
        assert f.x().headers["x-plano-model"] == B
        assert f.calls()[1] == 1
        told = f.d(query="?explain=1").json()
        assert told["models"] == [B]
        assert {one["model"]: one["reason"] for one in told["explanation"]["candidates"]}[A] == "held"


def test_328_everybody_promised() -> None:
    """181, 328. Nobody may be called: 429 with the soonest time."""
    with stand() as f:
        f.ua.script = [said(ERROR, 429, retry_after="30")]
        f.uo.script = [said({"error": {"message": "x"}}, 429, retry_after="20")]
        f.x()
        before = f.calls()
        answer = f.x()
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "no_candidate_available")
        assert 15 <= int(answer.headers["retry-after"]) <= 20
        assert "x-should-retry" not in answer.headers
        assert f.calls()[1:] == before[1:]
        told = f.d(query="?explain=1").json()
        assert sorted(told["models"]) == sorted([A, B])
        assert {one["reason"] for one in told["explanation"]["candidates"]} == {"held"}


def test_332_ejected() -> None:
    """332. Five failures in a row put a model out."""
    with stand() as f:
        f.ua.usual = lambda _: said(ERROR, 500)
        for _ in range(6):
            assert f.x().headers["x-plano-model"] == B
        assert f.calls()[1] == 5
        told = f.d(query="?explain=1").json()
        assert told["models"] == [B]
        assert {one["model"]: one["reason"] for one in told["explanation"]["candidates"]}[A] == "ejected"


def test_334_a_success_between() -> None:
    """334. Failures that are not in a row do not."""
    with stand() as f:
        bad = said(ERROR, 500)
        f.ua.script = [bad, bad, bad, bad, ok, bad, bad, bad, bad]
        for _ in range(9):
            assert f.x().status_code == 200
        assert f.d().json()["models"] == [A, B]


def test_340_all_attempts() -> None:
    """340. Every attempt is told, in order."""
    with stand() as f:
        f.uo.usual = lambda _: said({"error": {"message": "x"}}, 503)
        prefs = [{"name": "code generation", "description": "d", "models": [B, C, A]}]
        answer = f.x(routing_preferences=prefs)
        assert answer.headers["x-plano-attempts"] == f"{B}=503, {C}=503, {A}=200"


def test_337_callers_own_keys() -> None:
    """337. A caller's bad key is that caller's alone."""
    text = """version: v0.4.0
model_providers:
  - model: openai/gpt-4o
    passthrough_auth: true
routing_preferences: []
"""
    with stand(text=text) as f:
        f.uo.script = [said({"error": {"message": "bad key"}}, 401)] * 5
        for _ in range(5):
            answer = f.x({**OFF, "authorization": "Bearer one"}, model=B)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
        assert f.x({**OFF, "authorization": "Bearer two"}, model=B).status_code == 200
