"""Errors in the shape of the OpenAI APIs: ``{"error": {message, type, param, code, trace_id, attempts?}}``."""

from __future__ import annotations

from typing import Any

from plano.errors import ChainFailed, PlanoError
from plano.wire import json_guard

_TYPE_BY_STATUS = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}


def error_type(status: int) -> str:
    """The ``type`` that goes with a status."""
    known = _TYPE_BY_STATUS.get(status)
    if known is not None:
        return known
    return "server_error" if status >= 500 else "invalid_request_error"


def render(error: PlanoError, trace_id: str) -> bytes:
    """The body of an error answer."""
    return json_guard.dumps({"error": members(error, trace_id)})


def members(error: PlanoError, trace_id: str) -> dict[str, Any]:
    """What stands inside ``error``."""
    shown: dict[str, Any] = {
        "message": error.message,
        "type": error_type(error.status),
        "param": error.param,
        "code": error.code,
        "trace_id": trace_id,
    }
    if isinstance(error, ChainFailed):
        shown["attempts"] = [{"model": model, "ending": ending} for model, ending in error.attempts]
    return shown
