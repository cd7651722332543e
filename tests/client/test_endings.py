"""What an exception of a client says of the model it came from; of most clients only the shape is known here."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from plano import ClientError, RateLimitError, ServerError
from plano.client.endings import outcome_of_error
from plano.dispatch.verdict import judge
from plano.domain.attempt import Failed, Hold, NoAnswer, Refused, Throttled

REQUEST = httpx2.Request("POST", "https://h/v1")


class Shaped(Exception):
    """An exception with these attributes."""

    def __init__(self, **members: Any) -> None:
        super().__init__("said")
        self.__dict__.update(members)


def response(status: int, fields: Mapping[str, str] | None = None) -> httpx2.Response:
    """An answer of that status."""
    return httpx2.Response(status, headers=dict(fields or {}), request=REQUEST)


def of_openai(status: int, code: str | None = None, fields: Mapping[str, str] | None = None) -> Exception:
    """What that client raises."""
    return openai.APIStatusError("said", response=response(status, fields), body={"code": code, "message": "said"})


@pytest.mark.parametrize(
    "error",
    [
        of_openai(503),
        anthropic.APIStatusError("said", response=response(503), body={"error": {"type": "overloaded_error"}}),
        httpx2.HTTPStatusError("said", request=REQUEST, response=response(503)),
        Shaped(status=503),
        Shaped(code=503),
        ServerError("said", status=503),
    ],
)
def test_a_status_wherever_it_stands(error: Exception) -> None:
    """As the exception of OpenAI, Anthropic, httpx and requests, aiohttp, urllib and Google, Plano."""
    outcome = outcome_of_error(error, 0.0)
    assert isinstance(outcome, Failed)
    assert (outcome.ending, outcome.verdict) == (503, judge(503))


@pytest.mark.parametrize(
    ("error", "hold"),
    [
        (of_openai(429, fields={"Retry-After": "7"}), Hold(7.0)),
        (of_openai(429, fields={"Retry-After-Ms": "1500"}), Hold(1.5)),
        (of_openai(429), None),
        (Shaped(status=429, headers={"Retry-After": "2"}), Hold(2.0)),
        (RateLimitError("said", status=429, retry_after_s=3.0), Hold(3.0)),
        (RateLimitError("said"), None),
    ],
)
def test_a_limit_and_its_time(error: Exception, hold: Hold | None) -> None:
    """Read by the rules of the gateway; one that is raised by hand needs no status."""
    assert outcome_of_error(error, 0.0) == Throttled(hold)


def test_words_that_say_more_than_a_status() -> None:
    """A prompt that is too long, a policy, an empty account: as the table has them."""
    assert outcome_of_error(of_openai(400, "context_length_exceeded"), 0.0) == Refused(400, overflows=True)
    assert outcome_of_error(of_openai(400, "content_filter"), 0.0) == Refused(400)
    assert outcome_of_error(ClientError("said", status=400, code="context_length_exceeded"), 0.0) == Refused(
        400, overflows=True
    )
    broke = outcome_of_error(of_openai(429, "insufficient_quota"), 0.0)
    assert isinstance(broke, Failed)
    assert broke.verdict.code == "upstream_account_error"


def test_an_error_event_in_a_stream() -> None:
    """It has no status, as the answer had begun well."""
    event = openai.APIError("said", request=REQUEST, body={"type": "server_error", "message": "said"})
    outcome = outcome_of_error(event, 0.0)
    assert isinstance(outcome, Failed)
    assert outcome.ending == "inband"


def caused(error: Exception, cause: Exception) -> Exception:
    """An exception that wraps another one."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (caused(openai.APIConnectionError(request=REQUEST), httpx2.ConnectError("x")), "connect"),
        (caused(openai.APITimeoutError(request=REQUEST), httpx2.ConnectTimeout("x")), "connect_timeout"),
        (caused(openai.APITimeoutError(request=REQUEST), httpx2.ReadTimeout("x")), "timeout"),
        (openai.APIConnectionError(request=REQUEST), "reset"),
        (httpx2.ReadTimeout("x"), "timeout"),
        (httpx2.ReadError("x"), "truncated"),
        (httpx2.RemoteProtocolError("x"), "truncated"),
        (TimeoutError(), "timeout"),
        (ConnectionRefusedError(), "connect"),
        (socket.gaierror(), "connect"),
        (ConnectionResetError(), "reset"),
        (json.JSONDecodeError("x", "", 0), "protocol"),
    ],
)
def test_no_answer(error: Exception, ending: NoAnswer) -> None:
    """By the class, its bases and the causes; what happened first says most."""
    outcome = outcome_of_error(error, 0.0)
    assert isinstance(outcome, Failed)
    assert outcome.ending == ending


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("x"), Shaped(code="x"), Shaped(status=200), OSError("x")])
def test_no_matter_of_a_model(error: Exception) -> None:
    """A defect of the function is nobody's failure: it must be seen."""
    assert outcome_of_error(error, 0.0) is None
