"""Errors in each dialect: Plano's own, those of an upstream, whole and in mid-stream.

The words of Anthropic: https://platform.claude.com/docs/en/api/errors. Those of OpenAI stand in ``wire.openai_errors``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from plano.domain.model import Dialect
from plano.errors import ChainFailed, PlanoError
from plano.wire import json_guard, openai_errors

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
    is_limit = error["type"] == "rate_limit_error"
    told = {"code": "rate_limit_exceeded" if is_limit else "server_error", "message": error["message"]}
    event = {
        "type": "response.failed",
        "sequence_number": sequence_number,
        "response": response | {"object": "response", "status": "failed", "error": told},
        "error": error,
    }
    return b"event: response.failed\ndata: " + json_guard.dumps(event) + b"\n\n"


def error_object(body: bytes) -> dict[str, Any] | None:
    """The error object in a body of any dialect, or a body that is one itself; None when there is none."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if isinstance(document, str):
        return {"message": document}
    if not isinstance(document, dict):
        return None
    found = document.get("error")
    if isinstance(found, dict):
        return found
    if isinstance(found, str):
        return {"message": found}
    return document if isinstance(document.get("message"), str) else None


def render_refusal(said: Mapping[str, Any], status: int, *, source: Dialect, target: Dialect, trace_id: str) -> bytes:
    """An upstream's refusal for the caller, with its own words.

    ``said``: its error object, in ``source``. In the same family of dialects every member stays; in another one the
    message, code and parameter do.
    """
    is_anthropic = target is Dialect.ANTHROPIC_MESSAGES
    is_family = is_anthropic == (source is Dialect.ANTHROPIC_MESSAGES)
    kind = anthropic_type(status) if is_anthropic else openai_errors.error_type(status)
    code = "unauthorized" if status == 401 else str(said.get("code") or REJECTED)
    message = said.get("message")
    if not isinstance(message, str):
        message = f"the provider refused the request with status {status}"
    shown = dict(said) if is_family else {"param": said.get("param")}
    shown = {"type": kind} | shown | {"message": message, "code": code, "trace_id": trace_id}
    if not is_anthropic:
        return json_guard.dumps({"error": shown})
    if shown.get("param", "") is None:
        del shown["param"]
    return json_guard.dumps({"type": "error", "error": shown, "request_id": trace_id})
