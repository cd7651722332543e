"""How a call of the user's own function ended, by the exception it raised.

The exceptions of all clients say much the same: a status somewhere, the fields of the answer, an error object; or, when
there was no answer, a class whose name tells what happened. None of those clients is imported here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plano.dispatch.complaint import word_of
from plano.dispatch.retry_after import Told, read_hold
from plano.dispatch.verdict import judge, judge_inband, outcome_of
from plano.domain.attempt import Hold, NoAnswer, Outcome
from plano.errors import ClientError
from plano.wire.dialects.errors import error_object

# fmt: off
BY_NAME: tuple[tuple[str, NoAnswer], ...] = (
    # Of the several names along the bases of an exception and its causes the one that stands first here counts.
    ("ConnectTimeout", "connect_timeout"),        # httpx, requests
    ("ConnectTimeoutError", "connect_timeout"),   # urllib3
    ("ConnectionTimeoutError", "connect_timeout"),  # aiohttp
    ("ConnectError", "connect"),                  # httpx
    ("ClientConnectorError", "connect"),          # aiohttp
    ("NewConnectionError", "connect"),            # urllib3
    ("ConnectionRefusedError", "connect"),
    ("gaierror", "connect"),
    ("SSLError", "connect"),
    ("TimeoutException", "timeout"),              # httpx
    ("APITimeoutError", "timeout"),               # openai, anthropic
    ("Timeout", "timeout"),                       # requests
    ("TimeoutError", "timeout"),                  # Python, aiohttp, urllib3
    ("APIResponseValidationError", "protocol"),   # openai, anthropic
    ("JSONDecodeError", "protocol"),
    ("DecodingError", "protocol"),                # httpx
    ("APIConnectionError", "reset"),              # openai, anthropic: no answer had begun
    ("ServerDisconnectedError", "reset"),         # aiohttp
    ("ClientPayloadError", "truncated"),          # aiohttp
    ("ChunkedEncodingError", "truncated"),        # requests
    ("IncompleteRead", "truncated"),              # http.client
    ("RemoteProtocolError", "truncated"),         # httpx
    ("ReadError", "truncated"),                   # httpx
    ("ConnectionError", "reset"),
)
# fmt: on

_RANKS = {name: rank for rank, (name, _) in enumerate(BY_NAME)}
_MOST_CAUSES = 8


def outcome_of_error(error: Exception, wall_now: float) -> Outcome | None:
    """The outcome that ``error`` tells of, None where it is no matter of a model: a defect of the function itself.

    ``wall_now``: seconds since the epoch.
    """
    body = _error_object(error)
    status = _status(error)
    if status is not None:
        verdict = judge(status, word_of(body))
        return outcome_of(verdict, status, _hold(error, wall_now, is_limit=verdict.kind == "throttled"))
    if body:
        # An error event in a stream that had begun well.
        verdict = judge_inband(body)
        return outcome_of(verdict, "inband", _hold(error, wall_now, is_limit=verdict.kind == "throttled"))
    ending = _ending(error)
    return None if ending is None else outcome_of(judge(ending), ending, None)


def _status(error: Exception) -> int | None:
    """Of the answer: ``status_code``, ``status`` or ``code`` of the exception or of its response."""
    for holder in (error, getattr(error, "response", None)):
        for name in ("status_code", "status", "code"):
            value = getattr(holder, name, None)
            if isinstance(value, int) and 300 <= value < 600:
                return value
    kind = type(error).__name__
    return 429 if kind == "RateLimitError" else 500 if kind == "ServerError" else None


def _error_object(error: Exception) -> dict[str, Any]:
    body = getattr(error, "body", None)
    if isinstance(body, str | bytes):
        body = error_object(body.encode() if isinstance(body, str) else body)
    if isinstance(body, dict):
        inner = body.get("error")
        return inner if isinstance(inner, dict) else body
    code = getattr(error, "code", None)
    return {"code": code, "message": str(error)} if isinstance(code, str) and _status(error) is not None else {}


def _hold(error: Exception, wall_now: float, *, is_limit: bool) -> Hold | None:
    if isinstance(error, ClientError):
        return Hold(error.retry_after_s) if error.retry_after_s else None
    return read_hold(Told(_fields(error), wall_now, str(error), is_limit=is_limit))


def _fields(error: Exception) -> Mapping[str, str]:
    """The header fields of the answer, names in lower case."""
    for holder in (getattr(error, "response", None), error):
        fields = getattr(holder, "headers", None)
        if isinstance(fields, Mapping):
            return {str(name).lower(): str(value) for name, value in fields.items()}
    return {}


def _ending(error: Exception) -> NoAnswer | None:
    ranks = [_RANKS[kind.__name__] for each in _causes(error) for kind in type(each).__mro__ if kind.__name__ in _RANKS]
    return BY_NAME[min(ranks)][1] if ranks else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and those that led to it."""
    cause: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
