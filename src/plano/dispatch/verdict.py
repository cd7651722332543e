"""The table: how an attempt ended, and what that means for the caller, the next candidate and the model.

Whose fault it is decides what may happen next. The provider's or the operator's: the next candidate is tried. The
caller's, or a refusal by policy: the answer is passed on and nobody else is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from plano.dispatch.complaint import ACCOUNT, CONTENT, CONTEXT, OBJECT_MISSING, word_of
from plano.domain.attempt import Failed, Hold, NoAnswer, Outcome, Refused, Throttled, Try, Verdict
from plano.errors import ChainFailed

# fmt: off
_RATE_LIMITED    = Verdict("throttled", "upstream_rate_limited", 429, counts=False)
_OVERLOADED      = Verdict("failed", "upstream_overloaded", 503, may_retry=True)
_TIMEOUT         = Verdict("failed", "upstream_timeout", 504)
_GATEWAY_TIMEOUT = Verdict("failed", "upstream_timeout", 504, may_retry=True)
_ERROR           = Verdict("failed", "upstream_error", 502, may_retry=True)
_OTHER_ERROR     = Verdict("failed", "upstream_error", 502)
_TRUNCATED       = Verdict("failed", "upstream_truncated", 502)
_RESET           = Verdict("failed", "upstream_truncated", 502, may_retry=True)
_INVALID         = Verdict("failed", "upstream_invalid_response", 502)
_UNREACHABLE     = Verdict("failed", "upstream_connect_failed", 502, may_retry=True)
_BUSY            = Verdict("failed", "gateway_overloaded", 503, counts=False)
_MODEL_MISSING   = Verdict("failed", "upstream_model_missing", 502)
_ACCOUNT         = Verdict("failed", "upstream_account_error", 502)
_PASSED_ON       = Verdict("refused", "upstream_rejected", 0, counts=False)
_OVERFLOWED      = Verdict("refused", CONTEXT, 0, counts=False)

BUSY_S = 1.0
"""When a connection may be free again: as long as a request waits for one."""

CALLERS_OWN_KEY = _PASSED_ON
"""401 and 403 where the key was the caller's own (``passthrough_auth``)."""

BY_STATUS: dict[int, Verdict] = {
    401: _ACCOUNT, 402: _ACCOUNT, 403: _ACCOUNT,
    404: _MODEL_MISSING, 410: _MODEL_MISSING,
    408: _TIMEOUT,
    429: _RATE_LIMITED,
    500: _ERROR, 502: _ERROR,
    503: _OVERLOADED, 529: _OVERLOADED,
    504: _GATEWAY_TIMEOUT,
}

BY_ENDING: dict[NoAnswer, Verdict] = {
    "busy": _BUSY, "connect": _UNREACHABLE, "connect_timeout": _TIMEOUT,
    "reset": _RESET, "timeout": _TIMEOUT,
    "protocol": _INVALID, "truncated": _TRUNCATED, "inband": _OTHER_ERROR,
}

BY_CODE: dict[str, Verdict] = {
    "model_not_found": _MODEL_MISSING,
    ACCOUNT: _ACCOUNT, "invalid_api_key": _ACCOUNT,
    CONTENT: _PASSED_ON, OBJECT_MISSING: _PASSED_ON,
    CONTEXT: _OVERFLOWED,
    "rate_limit_exceeded": _RATE_LIMITED,
}
"""What a provider's own word says more exactly than its status; the words are those of ``dispatch.complaint``."""

BY_TYPE: dict[str, Verdict] = {
    "rate_limit_error": _RATE_LIMITED,
    "overloaded_error": _OVERLOADED, "timeout_error": _TIMEOUT,
    "authentication_error": _ACCOUNT, "permission_error": _ACCOUNT, "billing_error": _ACCOUNT,
}
"""Words that only repeat a status: they count where there is none, or one that says nothing."""

SEVERITY = (
    "upstream_rate_limited", "upstream_overloaded", "upstream_timeout", "upstream_error", "upstream_truncated",
    "upstream_invalid_response", "upstream_connect_failed", "gateway_overloaded", "upstream_model_missing",
    "upstream_account_error",
)
"""When candidates failed differently, the answer is the first of these that occurred."""
# fmt: on


SAID: Mapping[str, str] = MappingProxyType(
    {
        "busy": "has no connection free",
        "connect": "cannot be reached",
        "connect_timeout": "could not be reached in time",
        "reset": "broke off the connection",
        "timeout": "did not answer in time",
        "protocol": "gave no usable answer",
        "truncated": "broke off its answer",
        "inband": "answered with an error",
        "held": "asked for patience",
        "ejected": "failed too often",
        "limit": "has no tokens left for this caller",
        "budget": "not asked: too many retries",
        "deadline": "not asked: no time is left",
        "window": "takes no prompt as long",
        "stored_elsewhere": "does not keep what the request refers to",
        "unfit": "cannot be told the request",
    }
)
"""An ending in words; a status speaks for itself."""

_STATUS = re.compile(r"[45][0-9]{2}")


def judge(ending: int | NoAnswer, word: str | None = None) -> Verdict:
    """The row for an ending; ``word`` is what the provider's error object says, where there was one."""
    named = BY_CODE.get(word) if word is not None else None
    if named is not None:
        return named
    known = BY_STATUS.get(ending) if isinstance(ending, int) else None
    if known is not None:
        return known
    kind = BY_TYPE.get(word) if word is not None else None
    if kind is not None:
        return kind
    if not isinstance(ending, int):
        return BY_ENDING[ending]
    if 400 <= ending < 500:
        return _PASSED_ON
    return _OTHER_ERROR if ending >= 500 else _INVALID


def judge_inband(error: Mapping[str, Any] | None) -> Verdict:
    """The row for an error inside a 200: by its code or type, or by the status some providers put there."""
    code = error.get("code") if error is not None else None
    if isinstance(code, int) and 400 <= code < 600:
        return judge(code)
    word = word_of(error) if error is not None else None
    if word is not None and _STATUS.fullmatch(word):
        return judge(int(word))
    return judge("inband", word)


def outcome_of(verdict: Verdict, ending: int | NoAnswer, hold: Hold | None) -> Outcome:
    """The outcome an attempt reports to the flow."""
    if verdict.kind == "refused":
        return Refused(ending if isinstance(ending, int) else 400, overflows=verdict is _OVERFLOWED)
    if verdict.kind == "throttled":
        return Throttled(hold)
    return Failed(ending, verdict, hold)


def chain_failed(
    tries: tuple[Try, ...],
    verdicts: tuple[Verdict, ...],
    retry_after_s: float | None,
    *,
    hit_deadline: bool,
    is_rate_limit: bool = True,
) -> ChainFailed:
    """The error of a chain in which no candidate answered. ``is_rate_limit``: is every hold one?"""
    account = "; ".join(f"{row.model} {SAID.get(row.ending, row.ending)}" for row in tries)
    attempts = tuple((row.model, row.ending) for row in tries)
    if hit_deadline:
        code, status, said = "deadline_exceeded", 504, "the deadline passed before a candidate answered"
    elif verdicts:
        worst = min(verdicts, key=lambda verdict: SEVERITY.index(verdict.code))
        code, status, said = worst.code, worst.status, "no candidate answered"
        if worst is _BUSY and retry_after_s is None:
            retry_after_s = BUSY_S
    else:
        status = 429 if is_rate_limit else 503
        code, said = "no_candidate_available", "no candidate may be asked now"
    return ChainFailed(f"{said}: {account}", status=status, code=code, attempts=attempts, retry_after_s=retry_after_s)
