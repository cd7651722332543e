"""When a provider says "come back later": reading the time from its answer.

The first row of the table that can be read wins; of several values in a row, the longest. ``0``, a negative number or a
past date name no time; a plus sign, an exponent, words, or more than 31 days are unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

import msgspec

from plano.domain.attempt import Hold

LONGEST_S = 31 * 86_400.0
LONGEST_TEXT = 8_192

_BETWEEN = re.compile(r"(?:(?<=[0-9TZ])|(?<=[0-9][smhd])|(?<=[0-9]ms))\s*,\s*")
"""Between two values of a repeated field; the comma in a date stands behind the name of a day."""
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|h|m|s|d))+")
_DURATION_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|h|m|s|d)")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_FIRST_EPOCH_S = 1e9
_FIRST_EPOCH_MS = 1e12

_MILLISECONDS = ("retry-after-ms", "x-ms-retry-after-ms")
_RESET = re.compile(r"(?P<kind>x-ratelimit|ratelimit)-reset(?P<counter>-[a-z0-9-]+)?")
_ANTHROPIC_RESET = re.compile(r"(?P<kind>anthropic-ratelimit(?:-[a-z0-9]+)*)-reset")
_STRUCTURED_T = re.compile(r";\s*t=(\d{1,9})(?=\s*(?:[;,]|$))")
_SAID = re.compile(
    r"(?:try again|retry|retrying|available again)\s+(?:in|after)\s+"
    r"(?P<value>\d{1,9}(?:\.\d{1,9})?)"
    r"(?:\s*(?P<unit>ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)"
    r"(?P<rest>(?:\d{1,9}(?:\.\d{1,9})?(?:ms|h|m|s))*)(?![A-Za-z0-9])|(?!\s*[A-Za-z0-9]))",
    re.IGNORECASE,
)
_RETRY_DELAY = re.compile(r'"retryDelay"\s*:\s*"(\d{1,9}(?:\.\d{1,9})?)s"')
_REGAIN = re.compile(r"regain access on (\d{4}-\d\d-\d\d)(?: at (\d\d:\d\d))?", re.IGNORECASE)


class Told(msgspec.Struct, frozen=True):
    """What a failed attempt brought with it.

    ``headers``: lower-case names. ``wall_now``: seconds since the epoch, used when the answer has no ``date``.
    ``text``: its body, or as much of it as may be looked at. ``is_limit``: does the provider limit the rate (429)? Else
    it sends the state of its counters all the same, and those that have something left name no time to wait.
    """

    headers: Mapping[str, str]
    wall_now: float
    text: str = ""
    is_limit: bool = True

    @property
    def now(self) -> float:
        """The moment from which dates count: the answer's own clock, where it has one."""
        answered_at = _http_date(self.headers.get("date"))
        return answered_at if answered_at is not None else self.wall_now


def read_hold(told: Told) -> Hold | None:
    """How long the model must be left alone, None when no usable time is named."""
    for read in _ROWS:
        seconds = read(told)
        if seconds is not None:
            return Hold(seconds)
    return None


def unreadable(told: Told) -> tuple[str, ...]:
    """The header fields that should name a time and do not, one value of theirs at least: somebody ought to know."""
    return tuple(
        name
        for name, field in told.headers.items()
        if (read := _reader(name, told)) is not None and any(_is_unreadable(read(value)) for value in _values(field))
    )


def _reader(name: str, told: Told) -> Callable[[str], float | None] | None:
    """What reads the values of a header field, None for one that names no time."""
    if name in _MILLISECONDS:
        return _milliseconds
    if name == "retry-after":
        return partial(_seconds_or_date, told=told)
    return partial(_reset, told=told) if _RESET.fullmatch(name) or _ANTHROPIC_RESET.fullmatch(name) else None


def _is_unreadable(seconds: float | None) -> bool:
    return seconds is None or seconds > LONGEST_S


def _retry_after(told: Told) -> float | None:
    """Milliseconds win over ``retry-after`` when both round up to the same second, else the longer counts."""
    found = (_longest_of(_values(told.headers.get(name, "")), _milliseconds) for name in _MILLISECONDS)
    fine = next((seconds for seconds in found if seconds is not None), None)
    coarse = _longest_of(_values(told.headers.get("retry-after", "")), partial(_seconds_or_date, told=told))
    if fine is not None and coarse is not None and -(-fine // 1) != coarse:
        return max(fine, coarse)
    return fine if fine is not None else coarse


def _resets(told: Told) -> float | None:
    """The longest of the counters that are used up; where none says so, of those that do not say."""
    counters = [
        (value, told.headers.get(f"{match['kind']}-remaining{match['counter'] or ''}"))
        for name, value in told.headers.items()
        if (match := _RESET.fullmatch(name)) is not None
    ]
    return _longest(counters, told)


def _anthropic_resets(told: Told) -> float | None:
    counters = [
        (value, told.headers.get(f"{match['kind']}-remaining"))
        for name, value in told.headers.items()
        if (match := _ANTHROPIC_RESET.fullmatch(name)) is not None
    ]
    return _longest(counters, told)


def _structured(told: Told) -> float | None:
    """Parameter ``t`` of draft-ietf-httpapi-ratelimit-headers."""
    found = _STRUCTURED_T.findall(told.headers.get("ratelimit", ""))
    return max((seconds for each in found if (seconds := _usable(float(each))) is not None), default=None)


def _said(told: Told) -> float | None:
    """What error bodies say: Google's ``retryDelay``, OpenAI's and others' "try again in", Anthropic's "regain"."""
    text = told.text[:LONGEST_TEXT]
    delay = _RETRY_DELAY.search(text)
    if delay is not None:
        return _usable(float(delay[1]))
    again = _SAID.search(text)
    if again is not None:
        return _usable(_spoken(again))
    regain = _REGAIN.search(text)
    if regain is not None:
        moment = _rfc_3339(f"{regain[1]}T{regain[2] or '00:00'}:00Z")
        return _usable(moment - told.now) if moment is not None else None
    return None


_ROWS: tuple[Callable[[Told], float | None], ...] = (_retry_after, _resets, _anthropic_resets, _structured, _said)


def _longest(counters: list[tuple[str, str | None]], told: Told) -> float | None:
    used_up = [value for value, remaining in counters if remaining is not None and _number(remaining) == 0]
    silent = [value for value, remaining in counters if remaining is None or told.is_limit]
    return _longest_of([each for value in used_up or silent for each in _values(value)], partial(_reset, told=told))


def _values(field: str) -> list[str]:
    return _BETWEEN.split(field.strip())


def _longest_of(values: list[str], read: Callable[[str], float | None]) -> float | None:
    named = (seconds for value in values if (seconds := read(value)) is not None)
    return max((seconds for seconds in named if _usable(seconds) is not None), default=None)


# What these read is not yet known to be usable: it may be past, or years ahead.


def _reset(value: str, told: Told) -> float | None:
    """A duration (``6m0s``), seconds, epoch seconds or milliseconds, or a date."""
    number = _number(value)
    if number is None:
        duration = _duration(value)
        return duration if duration is not None else _until(_date(value), told)
    if number >= _FIRST_EPOCH_MS:
        return _until(number / 1000, told)
    return _until(number, told) if number >= _FIRST_EPOCH_S else number


def _seconds_or_date(value: str, told: Told) -> float | None:
    seconds = _number(value)
    return seconds if seconds is not None else _until(_http_date(value), told)


def _milliseconds(value: str) -> float | None:
    number = _number(value)
    return number / 1000 if number is not None else None


def _until(moment: float | None, told: Told) -> float | None:
    return moment - told.now if moment is not None else None


def _number(value: str | None) -> float | None:
    return float(value) if value is not None and _NUMBER.fullmatch(value.strip()) else None


def _duration(value: str) -> float | None:
    if _DURATION.fullmatch(value) is None:
        return None
    return sum(float(count) * _UNITS_S[unit] for count, unit in _DURATION_PART.findall(value))


def _spoken(again: re.Match[str]) -> float:
    """``41.724s``, ``6m0s``, ``20 seconds``, ``2 minutes``; a number without a unit is seconds."""
    unit = (again["unit"] or "s").lower()
    short = "ms" if unit.startswith(("ms", "milli")) else unit[0]
    rest = sum(float(count) * _UNITS_S[each] for count, each in _DURATION_PART.findall((again["rest"] or "").lower()))
    return float(again["value"]) * _UNITS_S[short] + rest


def _date(value: str) -> float | None:
    moment = _rfc_3339(value)
    return moment if moment is not None else _http_date(value)


def _rfc_3339(value: str) -> float | None:
    if _RFC_3339.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value.upper()).timestamp()
    except (ValueError, OverflowError):
        return None


def _http_date(value: str | None) -> float | None:
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
