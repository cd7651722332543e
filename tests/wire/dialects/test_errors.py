"""Errors in each dialect; the official clients raise the right class."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from plano.domain.model import Dialect
from plano.errors import ChainFailed, InvalidRequest, ModelNotFound, PlanoError, StreamBroken
from plano.wire.dialects import errors
from tests.wire.dialects.samples import CHAT, DIALECTS, MESSAGES, RESPONSES

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
OVERLOADED = ChainFailed(
    "all are busy", status=503, code="upstream_overloaded", attempts=(("a/b", "503"),), retry_after_s=None
)


def raised(status: int, body: bytes, dialect: Dialect) -> Exception:
    """What the official client raises for an answer."""

    def handler(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, content=body, headers={"content-type": "application/json"})

    http = httpx2.Client(transport=httpx2.MockTransport(handler))
    message: Any = [{"role": "user", "content": "hi"}]
    try:
        if dialect is MESSAGES:
            client = anthropic.Anthropic(api_key="k", base_url="http://x", max_retries=0, http_client=http)
            client.messages.create(model="m", max_tokens=5, messages=message)
        elif dialect is CHAT:
            openai.OpenAI(api_key="k", base_url="http://x", max_retries=0, http_client=http).chat.completions.create(
                model="m", messages=message
            )
        else:
            openai.OpenAI(api_key="k", base_url="http://x", max_retries=0, http_client=http).responses.create(
                model="m", input="hi"
            )
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("error", "openai_class", "anthropic_class"),
    [
        (InvalidRequest("m", param="p"), openai.BadRequestError, anthropic.BadRequestError),
        (ModelNotFound("m"), openai.NotFoundError, anthropic.NotFoundError),
        (OVERLOADED, openai.InternalServerError, anthropic.InternalServerError),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_official_clients_raise_the_right_class(
    error: PlanoError, openai_class: type, anthropic_class: type, dialect: Dialect
) -> None:
    """Status and body make the vendor's own client raise what it would for its own API, with the message in it."""
    found = raised(errors.status_in(error, dialect), errors.render_error(error, dialect, TRACE), dialect)
    assert type(found) is (anthropic_class if dialect is MESSAGES else openai_class) or (
        isinstance(found, anthropic.InternalServerError) and dialect is MESSAGES
    )
    assert error.message in str(found)


def test_the_shape_of_anthropic() -> None:
    """``code``, ``param`` and ``trace_id`` stand inside ``error``; overload has its own status and type."""
    body = json.loads(errors.render_error(InvalidRequest("m", param="messages[0]"), MESSAGES, TRACE))
    assert body == {
        "type": "error",
        "error": {
            "type": "invalid_request_error",
            "message": "m",
            "code": "invalid_request",
            "trace_id": TRACE,
            "param": "messages[0]",
        },
        "request_id": TRACE,
    }
    busy = json.loads(errors.render_error(OVERLOADED, MESSAGES, TRACE))["error"]
    assert (errors.status_in(OVERLOADED, MESSAGES), busy["type"]) == (529, "overloaded_error")
    assert busy["attempts"] == [{"model": "a/b", "ending": "503"}]
    assert errors.status_in(OVERLOADED, CHAT) == 503


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (405, "invalid_request_error"),
        (413, "request_too_large"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
def test_types_of_anthropic(status: int, kind: str) -> None:
    """Each status has its type."""
    assert errors.anthropic_type(status) == kind


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_error_in_mid_stream_makes_the_client_raise(dialect: Dialect) -> None:
    """The official clients do not take a stream for whole that ends with this event."""
    stream = errors.render_stream_error(OVERLOADED, dialect, TRACE, sequence_number=7)

    def handler(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=stream, headers={"content-type": "text/event-stream"})

    http = httpx2.Client(transport=httpx2.MockTransport(handler))
    messages: Any = [{"role": "user", "content": "hi"}]
    if dialect is MESSAGES:
        client = anthropic.Anthropic(api_key="k", base_url="http://x", max_retries=0, http_client=http)
        events: Any = client.messages.create(model="m", max_tokens=5, messages=messages, stream=True)
    else:
        other = openai.OpenAI(api_key="k", base_url="http://x", max_retries=0, http_client=http)
        if dialect is CHAT:
            events = other.chat.completions.create(model="m", messages=messages, stream=True)
        else:
            events = other.responses.create(model="m", input="hi", stream=True)
    with pytest.raises((anthropic.APIError, openai.APIError), match="all are busy"):
        list(events)
    if dialect is RESPONSES:
        event = json.loads(stream.partition(b"data: ")[2])
        assert (event["type"], event["sequence_number"], event["response"]["status"]) == (
            "response.failed",
            7,
            "failed",
        )


@pytest.mark.parametrize(("status", "code"), [(429, "rate_limit_exceeded"), (503, "server_error")])
def test_the_code_in_a_failed_response(status: int, code: str) -> None:
    """The Responses API has words of its own for why a response failed; a limit is told from a broken server."""
    error = StreamBroken("it broke off", status=status, code="upstream_error", counts=False)
    event = json.loads(errors.render_stream_error(error, RESPONSES, TRACE).partition(b"data: ")[2])
    assert event["response"]["error"]["code"] == code


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"message": "bad", "code": "c", "param": "p"}}, {"message": "bad", "code": "c", "param": "p"}),
        ({"type": "error", "error": {"type": "t", "message": "m"}}, {"type": "t", "message": "m"}),
        ({"error": "just words"}, {"message": "just words"}),
        ({"message": "bare", "code": 7}, {"message": "bare", "code": 7}),
        ({"error": {"code": 1}}, {"code": 1}),
        ({}, None),
        ([], None),
    ],
)
def test_errors_of_upstreams_are_read(body: Any, expected: dict[str, Any] | None) -> None:
    """Every form that providers use, and nothing where there are no words."""
    assert errors.error_object(json.dumps(body).encode()) == expected
    assert errors.error_object(b"<html>") is None
    assert errors.error_object(b'"boom"') == {"message": "boom"}


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("target", DIALECTS)
def test_a_refusal_arrives_in_the_callers_dialect(source: Dialect, target: Dialect) -> None:
    """The provider's own message; its other members within a family of dialects; a code where it had none."""
    said = {"type": "odd_error", "message": "m", "param": "p", "detail": 1}
    document = json.loads(errors.render_refusal(said, 400, source=source, target=target, trace_id=TRACE))
    shown = document["error"]
    assert (shown["message"], shown["param"], shown["code"]) == ("m", "p", "upstream_rejected")
    assert shown["trace_id"] == TRACE
    is_family = (source is MESSAGES) == (target is MESSAGES)
    assert (shown["type"], shown.get("detail")) == (("odd_error", 1) if is_family else ("invalid_request_error", None))
    assert document.get("type") == ("error" if target is MESSAGES else None)


def test_a_refusal_without_words() -> None:
    """Something is said all the same, and Anthropic's shape has no empty parameter."""
    made = errors.render_refusal({}, 401, source=CHAT, target=MESSAGES, trace_id=TRACE)
    assert json.loads(made)["error"] == {
        "message": "the provider refused the request with status 401",
        "type": "authentication_error",
        "code": "unauthorized",
        "trace_id": TRACE,
    }
