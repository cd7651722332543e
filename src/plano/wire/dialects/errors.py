"""Errors in each dialect: Plano's own, those of an upstream, whole and in mid-stream.

The words of Anthropic: https://platform.claude.com/docs/en/api/errors. Those of OpenAI stand in ``wire.openai_errors``.
"""

from __future__ import annotations

from typing import Any

import msgspec

from plano.domain.model import Dialect
from plano.errors import ChainFailed, PlanoError
from plano.wire import json_guard, openai_errors
from plano.wire.canonical.error import UpstreamError

_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_ANTHROPIC_STATUSES = {"upstream_overloaded": 529}
"""Where Anthropic has a status of its own, by code."""

REJECTED = "upstream_rejected"
"""The code of an upstream's mistake that has none."""


class _Members(msgspec.Struct, frozen=True):
    message: str | None = None
    type: str | None = None
    code: str | int | None = None
    param: str | None = None


class _Body(msgspec.Struct, frozen=True):
    error: _Members | str | None = None
    message: str | None = None


_BODY = msgspec.json.Decoder(_Body)
_MEMBERS = msgspec.json.Decoder(_Members)


def status_in(error: PlanoError, dialect: Dialect) -> int:
    """The HTTP status that the dialect has for an error."""
    if dialect is Dialect.ANTHROPIC_MESSAGES:
        return _ANTHROPIC_STATUSES.get(error.code, error.status)
    return error.status


def anthropic_type(status: int) -> str:
    """Anthropic's ``type`` that goes with a status."""
    known = _ANTHROPIC_TYPES.get(status)
    if known is not None:
        return known
    return "api_error" if status >= 500 else "invalid_request_error"


def render_error(error: PlanoError, dialect: Dialect, trace_id: str) -> bytes:
    """The body of an error answer."""
    return json_guard.dumps(members(error, dialect, trace_id))


def members(error: PlanoError, dialect: Dialect, trace_id: str) -> dict[str, Any]:
    """The whole error object of a dialect."""
    if dialect is not Dialect.ANTHROPIC_MESSAGES:
        return {"error": openai_errors.members(error, trace_id)}
    shown: dict[str, Any] = {
        "type": anthropic_type(status_in(error, dialect)),
        "message": error.message,
        "code": error.code,
        "trace_id": trace_id,
    }
    if error.param is not None:
        shown["param"] = error.param
    if isinstance(error, ChainFailed):
        shown["attempts"] = [{"model": model, "ending": ending} for model, ending in error.attempts]
    return {"type": "error", "error": shown, "request_id": trace_id}


def render_stream_error(error: PlanoError, dialect: Dialect, trace_id: str, *, sequence_number: int = 0) -> bytes:
    """The last event of a stream that failed after its first byte, where no translator has written the stream.

    ``sequence_number``: the next one of a Responses stream.
    """
    shown = members(error, dialect, trace_id)
    if dialect is Dialect.ANTHROPIC_MESSAGES:
        return b"event: error\ndata: " + json_guard.dumps(shown) + b"\n\n"
    if dialect is Dialect.OPENAI_CHAT:
        return b"data: " + json_guard.dumps(shown) + b"\n\n"
    return failed_response(shown["error"], {"id": f"resp_{trace_id}", "output": []}, sequence_number)


def failed_response(error: dict[str, Any], response: dict[str, Any], sequence_number: int) -> bytes:
    """``response.failed``. The official client raises because of the ``error`` beside the response."""
    told = {"code": "server_error", "message": error["message"]}
    event = {
        "type": "response.failed",
        "sequence_number": sequence_number,
        "response": response | {"object": "response", "status": "failed", "error": told},
        "error": error,
    }
    return b"event: response.failed\ndata: " + json_guard.dumps(event) + b"\n\n"


def read_error(body: bytes) -> UpstreamError | None:
    """The error in a body of any dialect, or its bare error object; None when there is none."""
    try:
        wire = _BODY.decode(body)
        if isinstance(wire.error, str):
            return UpstreamError(wire.error)
        found = wire.error if wire.error is not None else _MEMBERS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if found.message is None:
        return None
    code = str(found.code) if found.code is not None else None
    return UpstreamError(found.message, found.type, code, found.param)


def translate_error(body: bytes, status: int, target: Dialect, trace_id: str) -> bytes | None:
    """An upstream's refusal in the caller's dialect, with its own words; None when there is no message in it."""
    found = read_error(body)
    if found is None:
        return None
    error = PlanoError(found.message, param=found.param)
    error.status = status
    error.code = found.code or REJECTED
    return render_error(error, target, trace_id)
