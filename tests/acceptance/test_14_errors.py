"""Errors. Numbers are those of the acceptance cases."""

from __future__ import annotations

from typing import Any

import pytest

from plano.errors import ConfigError
from tests.acceptance.hosts import Answer, said
from tests.acceptance.stand import OFF, Stand, stand
from tests.running import TRACE_ID, A, B, C, mission_text

HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
OVERLOADED = said({"type": "error", "error": {"type": "api_error", "message": "x"}}, 503)


def test_305_shapes(f: Stand) -> None:
    """304 to 306. The error of each dialect, with one id everywhere."""
    answer = f.x(model=...)
    error = answer.json()["error"]
    assert {key: error[key] for key in ("type", "param", "code", "trace_id")} == {
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_required",
        "trace_id": TRACE_ID,
    }
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["traceparent"].split("-")[1] == TRACE_ID
    for path in ("/v1/messages", "/routing/v1/messages"):
        told = f.post(path, {"max_tokens": 5, "messages": HI})
        assert (told.status_code, told.json()["type"], told.json()["error"]["type"]) == (
            400,
            "error",
            "invalid_request_error",
        )
        assert told.json()["error"]["code"] == "model_required"


@pytest.mark.parametrize("path", ["/v1/nope", "/v1/chat/completions/", "/v1/messages/nope"])
def test_307_unknown_paths(f: Stand, path: str) -> None:
    """307. 404 in the shape of the path."""
    answer = f.post(path, {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert ("type" in answer.json()) is path.startswith("/v1/messages")


REFUSAL = {
    "error": {
        "message": "no max_tokens here",
        "type": "invalid_request_error",
        "code": "unsupported_parameter",
        "param": "max_tokens",
    }
}


def test_309_refusals_keep_their_words(f: Stand) -> None:
    """309, 310. The provider's refusal, with our trace, in the caller's dialect; asked once."""
    f.uo.usual = lambda _: said(REFUSAL, 400)
    error = f.x(OFF).json()["error"]
    assert {key: error[key] for key in ("message", "code", "param", "trace_id")} == {
        **{key: REFUSAL["error"][key] for key in ("message", "code", "param")},
        "trace_id": TRACE_ID,
    }
    assert f.calls() == (0, 0, 1)
    told = f.post("/v1/messages", {"model": C, "max_tokens": 5, "messages": HI}, OFF)
    assert (told.status_code, told.json()["type"]) == (400, "error")
    assert (told.json()["error"]["type"], told.json()["error"]["message"]) == (
        "invalid_request_error",
        "no max_tokens here",
    )


def test_311_refusal_of_the_other_vendor(f: Stand) -> None:
    """311. A Messages refusal for a chat caller."""
    f.ua.script = [said({"type": "error", "error": {"type": "invalid_request_error", "message": "m"}}, 400)]
    error = f.x(OFF, model=A).json()["error"]
    assert (error["message"], error["code"]) == ("m", "upstream_rejected")


def test_312_html() -> None:
    """312. A page of HTML never reaches the caller."""
    with stand() as f:
        f.uo.usual = lambda _: Answer(502, b"<html>bad gateway</html>", {"content-type": "text/html"})
        answer = f.x(OFF)
        assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_error")
        assert b"<" not in answer.content


def test_313_everybody_failed() -> None:
    """313, 357. All attempts are told; the caller is told not to come again at once."""
    with stand() as f:
        f.ua.usual = lambda _: OVERLOADED
        f.uo.usual = lambda _: said({"error": {"message": "x"}}, 500)
        answer = f.x()
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (503, "upstream_overloaded")
        assert [(one["model"], one["ending"]) for one in error["attempts"]][:2] == [(A, "503"), (B, "500")]
        assert answer.headers["x-should-retry"] == "false"
        body = {
            "model": C,
            "max_tokens": 5,
            "messages": [{"role": "user", "content": "write a sorting algorithm in Python"}],
        }
        told = f.post("/v1/messages", body)
        assert (told.status_code, told.json()["error"]["type"]) == (529, "overloaded_error")


@pytest.mark.parametrize(
    ("first", "second", "status", "code"),
    [
        (500, 429, 429, "upstream_rate_limited"),
        (401, None, 502, "upstream_connect_failed"),
        (503, 429, 429, "upstream_rate_limited"),
    ],
)
def test_314_which_failure_is_told(first: int, second: int | None, status: int, code: str) -> None:
    """314. Of several failures the one that says most about coming again."""
    with stand() as f:
        f.ua.usual = lambda _: said({"type": "error", "error": {"type": "x", "message": "x"}}, first)
        if second is None:
            f.uo.close()
        f.uo.usual = lambda _: said({"error": {"message": "x"}}, second or 500)
        answer = f.x()
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_315_no_secrets() -> None:
    """315. Neither keys nor prompts are told; an address with credentials is refused at the start, unseen."""
    text = mission_text().replace(
        "  - model: openai/gpt-4o\n",
        "  - name: openai/gpt-4o\n    model: openai/gpt-4o\n    base_url: http://u:pw@127.0.0.1:9/v1\n",
    )
    with pytest.raises(ConfigError) as refused, stand(text=text):
        pass
    assert "u:pw" not in str(refused.value)
    with stand() as f:
        f.uo.close()
        answer = f.x(OFF, model=B, messages=[{"role": "user", "content": "my secret"}])
        told = answer.text + str(answer.headers) + f.log.getvalue()
        assert answer.status_code == 502
        assert not [word for word in ("sk-test-o", "my secret") if word in told]
    with stand() as f:
        f.uo.script = [said({"error": {"message": "Incorrect API key provided: sk-test-o"}}, 400)]
        masked = f.x(OFF)
        assert masked.status_code == 400
        assert "sk-test-o" not in masked.text
