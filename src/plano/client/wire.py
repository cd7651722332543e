"""What the client sends and reads: the part that ``Plano`` and ``AsyncPlano`` share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from plano.client.decision import RoutingDecision
from plano.errors import ClientError, RateLimitError, ServerError

PATH = "/routing/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: the JSON body, and the header fields."""

    body: bytes
    headers: dict[str, str]


def credential(api_key: str | None) -> dict[str, str]:
    """The field that every request of a client with a key carries."""
    return {"authorization": f"Bearer {api_key}"} if api_key else {}


def query(explain: bool) -> dict[str, str]:
    """The query of the decision endpoint."""
    return {"explain": "1"} if explain else {}


def encode(request: Mapping[str, Any], extra: Mapping[str, str] | None) -> Asked:
    """The question for a chat request. Raises TypeError when ``request`` is not JSON-like."""
    body = msgspec.json.encode(dict(request))
    return Asked(
        body, {"content-type": "application/json", **{name.lower(): value for name, value in (extra or {}).items()}}
    )


def decode(status: int, fields: Mapping[str, str], body: bytes) -> RoutingDecision:
    """The decision in an answer. Raises ClientError, RateLimitError or ServerError for any other answer."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = None
    if status == 200 and isinstance(document, dict) and "models" in document:
        return RoutingDecision(document)
    error = document.get("error") if isinstance(document, dict) else None
    raise _error(status, error if isinstance(error, dict) else {}, fields)


def _error(status: int, error: Mapping[str, Any], fields: Mapping[str, str]) -> ClientError:
    kind = RateLimitError if status == 429 else ServerError if status >= 500 else ClientError
    return kind(
        str(error.get("message") or f"the gateway answered {status} without a decision"),
        status=status,
        code=str(error.get("code") or "unexpected_answer"),
        param=error.get("param"),
        trace_id=error.get("trace_id"),
        retry_after_s=_seconds(fields.get("retry-after")),
    )


def _seconds(value: str | None) -> float | None:
    try:
        return float(value) if value is not None else None
    except ValueError:
        return None
