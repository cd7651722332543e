"""When a provider says "come back later": reading the time from its answer.

``0``, a negative number or a past date name no time; a sign, an exponent, words, or more than 31 days are unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from plano.domain.attempt import Hold

LONGEST_S = 31 * 86_400.0

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
_MILLISECONDS = ("retry-after-ms", "x-ms-retry-after-ms")


def read_hold(headers: Mapping[str, str], wall_now: float) -> Hold | None:
    """How long the model must be left alone, None when no usable time is named.

    ``headers``: lower-case names. ``wall_now``: seconds since the epoch, used when the answer has no ``date``.
    Milliseconds win over ``retry-after`` when both round up to the same second, else the longer counts.
    """
    fine = next((ms for name in _MILLISECONDS if (ms := _milliseconds(headers.get(name))) is not None), None)
    coarse = _retry_after(headers, wall_now)
    if fine is not None and coarse is not None and -(-fine // 1) != coarse:
        seconds: float | None = max(fine, coarse)
    else:
        seconds = fine if fine is not None else coarse
    return Hold(seconds) if seconds is not None else None


def _milliseconds(value: str | None) -> float | None:
    seconds = _number(value)
    return _usable(seconds / 1000) if seconds is not None else None


def _retry_after(headers: Mapping[str, str], wall_now: float) -> float | None:
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None:
        return _usable(seconds)
    moment = _date(value)
    if moment is None:
        return None
    answered_at = _date(headers.get("date"))
    return _usable(moment - (answered_at if answered_at is not None else wall_now))


def _number(value: str | None) -> float | None:
    return float(value) if value is not None and _NUMBER.fullmatch(value.strip()) else None


def _date(value: str | None) -> float | None:
    """Seconds since the epoch of an HTTP date, all three forms of RFC 9110 §5.6.7."""
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return _asctime(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _asctime(value: str) -> float | None:
    try:
        return datetime.strptime(value.strip(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _usable(seconds: float) -> float | None:
    return seconds if 0 < seconds <= LONGEST_S else None
