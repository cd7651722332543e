"""How providers say no: real error answers, by what is wrong, in the words of each kind of provider.

Sources: https://platform.openai.com/docs/guides/error-codes and https://platform.claude.com/docs/en/api/errors; the
messages are what the APIs send.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error answer. ``code``: None where the provider has only a type."""

    status: int
    type: str
    code: str | None
    message: str


# fmt: off
OPENAI: Mapping[str, Complaint] = {
    "wrong-key": Complaint(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    "no-model": Complaint(404, "invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."),
    "quota": Complaint(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your plan and billing details."),
    "billing": Complaint(400, "invalid_request_error", "billing_hard_limit_reached", "Billing hard limit has been reached."),
    "context-length": Complaint(400, "invalid_request_error", "context_length_exceeded", "This model's maximum context length is 128000 tokens. However, your messages resulted in 131072 tokens."),
    "content-filter": Complaint(400, "invalid_request_error", "content_policy_violation", "Your request was rejected as a result of our safety system."),
    "overloaded": Complaint(503, "server_error", "server_overloaded", "The engine is currently overloaded, please try again later."),
    "server": Complaint(500, "server_error", "server_error", "The server had an error while processing your request."),
}

ANTHROPIC: Mapping[str, Complaint] = {
    "wrong-key": Complaint(401, "authentication_error", None, "invalid x-api-key"),
    "no-model": Complaint(404, "not_found_error", None, "model: no-such-model"),
    "quota": Complaint(403, "permission_error", None, "Your account has reached its usage limit."),
    "billing": Complaint(400, "invalid_request_error", None, "Your credit balance is too low to access the Anthropic API."),
    "context-length": Complaint(400, "invalid_request_error", None, "prompt is too long: 210000 tokens > 200000 maximum"),
    "content-filter": Complaint(400, "invalid_request_error", None, "Output blocked by content filtering policy"),
    "overloaded": Complaint(529, "overloaded_error", None, "Overloaded"),
    "server": Complaint(500, "api_error", None, "Internal server error"),
}

_OPENAI_TYPES = {
    400: ("invalid_request_error", None), 401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "model_not_found"), 429: ("rate_limit_error", "rate_limit_exceeded"),
}
_ANTHROPIC_TYPES = {
    400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
    404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 504: "timeout_error", 529: "overloaded_error",
}
# fmt: on


def openai(status: int, message: str) -> Complaint:
    """OpenAI's answer with that status."""
    kind, code = _OPENAI_TYPES.get(status, ("server_error" if status >= 500 else "invalid_request_error", None))
    return Complaint(status, kind, code, message)


def anthropic(status: int, message: str) -> Complaint:
    """Anthropic's answer with that status."""
    return Complaint(status, _ANTHROPIC_TYPES.get(status, "api_error"), None, message)
