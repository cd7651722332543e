"""The decision on the proxy paths, request parsing and forwarding. Numbers are those of the acceptance cases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.answers import chat
from tests.acceptance.hosts import said
from tests.acceptance.stand import AS_NONE, DECISION, OFF, Stand, q
from tests.running import TRACE_ID, A, B, C

MESSAGES = {"model": A, "max_tokens": 64, "messages": [{"role": "user", "content": "write a sorting algorithm"}]}
RESPONSES = {"model": C, "input": "write a sorting algorithm"}
HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]


def test_031_accept(f: Stand) -> None:
    """31, 35. Who accepts only decisions gets one, in the bytes of the decision endpoint, streamed or not."""
    plain = f.d().content
    for stream in (False, True):
        answer = f.x(DECISION, stream=stream)
        assert (answer.status_code, answer.content) == (200, plain)
        assert answer.headers["content-type"] == "application/vnd.plano.decision+json"
    assert f.calls()[1:] == (0, 0)


@pytest.mark.parametrize(("path", "body"), [("messages", MESSAGES), ("responses", RESPONSES)])
def test_032_accept_elsewhere(f: Stand, path: str, body: object) -> None:
    """32. The same on the other paths."""
    assert f.post(f"/v1/{path}", body, DECISION).json() == {
        "models": [A, B],
        "route": "code generation",
        "trace_id": TRACE_ID,
    }


@pytest.mark.parametrize(
    ("accept", "is_decision"),
    [
        ("application/json", False),
        ("*/*", False),
        (None, False),
        ("application/json, application/vnd.plano.decision+json", True),
        ("application/vnd.plano.decision+json;q=0, */*", False),
    ],
)
def test_033_who_asks(f: Stand, accept: str | None, is_decision: bool) -> None:
    """33, 34. Only who names the decision's media type, and does not refuse it, gets a decision."""
    answer = f.x({"accept": accept} if accept else None).json()
    assert ("models" in answer, answer.get("object") == "chat.completion") == (is_decision, not is_decision)


def test_036_errors_stay_json(f: Stand) -> None:
    """36, 37. An error to who asked for a decision is in the shape of the path."""
    answer = f.x(DECISION, model=...)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "model_required")
    assert answer.headers["content-type"] == "application/json"
    bad = f.post("/v1/messages", {**MESSAGES, "routing_preferences": 5}, DECISION).json()
    assert (bad["type"], bad["error"]["code"]) == ("error", "invalid_routing_preferences")


def nested(levels: int) -> bytes:
    """Q with an unknown member, ``levels`` deep in all."""
    inner = b"[" * (levels - 1) + b"]" * (levels - 1)
    return json.dumps(q()).encode()[:-1] + b', "x": ' + inner + b"}"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"not json", 400, "invalid_json"),
        (b"", 400, "invalid_json"),
        (b'{"model": "\xff"}', 400, "invalid_json"),
        (b"\xef\xbb\xbf" + json.dumps(q()).encode(), 400, "invalid_json"),
        (b"[]", 400, "invalid_request"),
        (b'"x"', 400, "invalid_request"),
        (b'{"model": "a", ' + json.dumps(q()).encode()[1:], 400, "invalid_json"),
        (json.dumps(q()).encode()[:-1] + b', "a": {"b": [{"c": 1, "c": 1}]}}', 400, "invalid_json"),
        (json.dumps(q()).encode()[:-1] + b', "temperature": NaN}', 400, "invalid_json"),
        (json.dumps(q()).encode()[:-1] + b', "temperature": Infinity}', 400, "invalid_json"),
        (json.dumps(q(messages=[{"role": "user", "content": "\ud800"}])).encode(), 400, "invalid_json"),
        (nested(65), 400, "invalid_json"),
    ],
)
@pytest.mark.parametrize(
    "path", ["/routing/v1/chat/completions", "/v1/chat/completions", "/v1/messages", "/v1/responses"]
)
def test_038_bad_json(f: Stand, path: str, body: bytes, status: int, code: str) -> None:
    """38 to 43. What is no JSON, or ambiguous JSON, is refused before anybody is called."""
    answer = f.post(path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["trace_id"] == TRACE_ID
    assert f.calls() == (0, 0, 0)


def test_042_good_json(f: Stand) -> None:
    """42, 43. A pair of surrogates is a character; 64 levels are not too deep."""
    pair = json.dumps(q(messages=[{"role": "user", "content": "write code \U0001f600"}])).encode()
    assert b"\\ud83d\\ude00" in pair
    assert [f.post("/routing/v1/chat/completions", body).status_code for body in (pair, nested(64))] == [200, 200]


@pytest.mark.parametrize(
    "fields",
    [{"content-type": "text/plain"}, {"content-type": None}, {"content-encoding": "gzip"}],
)
@pytest.mark.parametrize("path", ["/routing/v1/chat/completions", "/v1/messages", "/v1/responses"])
def test_045_media_type(f: Stand, path: str, fields: dict[str, str | None]) -> None:
    """45. 415 in the dialect."""
    answer = f.post(path, json.dumps(q()).encode(), fields)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")
    assert ("type" in answer.json()) is (path == "/v1/messages")


def test_046_no_messages(f: Stand) -> None:
    """46. A chat request has messages."""
    error = f.d(messages=...).json()["error"]
    assert (error["code"], error["param"]) == ("invalid_request", "messages")


def test_047_only_the_model_is_replaced(f: Stand) -> None:
    """47, 48. The upstream gets the caller's bytes but for the model and the preferences."""
    body = (
        b'{"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}],'
        b' "foo": {"bar": [1, null]}, "stop": "END", "seed": 12345678901234567890, "temperature": 1.0}'
    )
    assert f.post("/v1/chat/completions", body, OFF).status_code == 200
    assert f.uo.calls[-1].body == body.replace(b"openai/gpt-4o-mini", b"gpt-4o-mini")
    inline = body[:-1] + b', "routing_preferences": []}'
    assert f.post("/v1/chat/completions", inline, OFF).status_code == 200
    assert "routing_preferences" not in f.uo.calls[-1].json


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": {"k": "v"}, "logit_bias": {"50256": -100}, "user": None},
        {
            "messages": [
                {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]}
            ]
        },
        {
            "messages": [
                *HI,
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
                },
                {"role": "tool", "tool_call_id": "c", "content": "1"},
            ]
        },
    ],
)
def test_049_unchanged(f: Stand, more: dict[str, Any]) -> None:
    """49 to 51. Members that routing knows nothing of arrive as they are."""
    assert f.x(OFF, **more).status_code == 200
    sent = f.uo.calls[-1].json
    assert {key: sent[key] for key in more} == more


def test_052_answers_unchanged(f: Stand) -> None:
    """52. The caller gets the upstream's bytes."""
    f.uo.script = [said({**chat(reasoning_content="hm"), "x_extra": 1})]
    wanted = json.dumps({**chat(reasoning_content="hm"), "x_extra": 1}).encode()
    assert f.x(OFF).content == wanted


def test_053_responses_and_messages_unchanged(f: Stand) -> None:
    """53, 54. The same holds for the other two dialects where the upstream speaks them."""
    more: dict[str, Any] = {"store": False, "include": ["reasoning.encrypted_content"], "foo": 1}
    assert f.post("/v1/responses", {**RESPONSES, **more}, OFF).status_code == 200
    seen = f.uo.calls[-1]
    assert (seen.path, {key: seen.json[key] for key in more}) == ("/v1/responses", more)
    more = {"thinking": {"type": "enabled", "budget_tokens": 2048}, "top_k": 5, "foo": 1}
    assert f.post("/v1/messages", {**MESSAGES, "max_tokens": 4096, **more}, OFF).status_code == 200
    assert {key: f.ua.calls[-1].json[key] for key in more} == more


def test_044_too_large(f: Stand) -> None:
    """44. One byte over the limit is too many, declared or chunked."""
    body = b" " * (32 * 1024 * 1024 + 1)
    answer = f.post("/routing/v1/chat/completions", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
    pieces = f.client.post(
        f"{f.url}/v1/chat/completions", content=iter([body]), headers={"content-type": "application/json"}
    )
    assert pieces.status_code == 413
    assert f.calls() == (0, 0, 0)


def test_247_plain_pass(f: Stand) -> None:
    """247. One call, with the provider's key, and its body unchanged."""
    f.r.script = [AS_NONE]
    answer = f.x()
    assert answer.content == json.dumps(chat()).encode()
    (seen,) = f.uo.calls
    assert (seen.path, seen.fields["authorization"]) == ("/v1/chat/completions", "Bearer sk-test-o")
