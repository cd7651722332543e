"""How a mock model behaves, and how a user says so in one word; the table of words is ``plano mock --words``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ConnectionFault = Literal[
    "reset-on-accept", "close-on-accept", "silent-on-accept", "close-at-reuse",
    "reset-in-upload", "stop-reading", "early-413",
]  # fmt: skip
"""What goes wrong before a request can be read, so that no model can choose it."""

# fmt: off
WORDS: Mapping[str, str] = {
    "ok":                 "answers",
    "429":                "any status of 300 or above, with that provider's kind of error body",
    "429-retry-after-7":  "the same, naming a time in seconds",
    "429-retry-date-7":   "as an HTTP date that many seconds ahead",
    "429-retry-ms-1500":  "as retry-after-ms",
    "429-reset-6m0s":     "as x-ratelimit-reset-requests, in any form",
    "429-says-1.5s":      "in the text of the body only",
    "504-late-20":        "only after that many seconds",
    "502-html":           "with a page as its body",
    "503-empty":          "with no body",
    "wrong-key":          "an error in the provider's own words; also quota, billing,",
    "no-model":           "… context-length, content-filter, overloaded and server",
    "error-body":         "status 200 with an error object, streamed or not",
    "html":               "200 with a page; also null and blank",
    "redirect":           "307 to another host",
    "reset":              "the connection is reset before the answer's head; hang-up closes it in order",
    "silence":            "nothing ever comes",
    "interim":            "100 and 103, then nothing",
    "garbage":            "bytes that are not HTTP",
    "huge-head":          "a head of 10 MiB",
    "slow-20":            "the head at once, the first token after that many seconds",
    "short-after-3":      "closed after that many tokens, short of the content-length",
    "unended-after-3":    "closed after that many tokens, without the last chunk",
    "close-after-3":      "closed after that many tokens, where only the close ends the body",
    "cut-after-3":        "reset inside the event after that many tokens",
    "stall-after-3":      "silent inside the event after that many tokens; stall-after-3-for-30: reset then",
    "error-after-3":      "an error event after that many tokens; error-after-0 is the first event",
    "malformed-after-3":  "one event that is not JSON after that many tokens",
    "cut-at-end":         "reset right after the terminal event",
    "no-done":            "a stream whose farewell ([DONE]) is missing",
    "no-finish":          "a stream that seems to end, without its terminal event",
    "twice":              "the terminal event twice",
    "spelled-all":        "odd but correct: or one of bom, crlf, comments, lines, no-space, bytes, gzip",
    "giant":              "one event, or a body, of 100 MiB",
    "endless":            "tokens without end",
}
"""Examples of every word, with what it does."""

_STATUS = re.compile(
    r"(?P<status>[345]\d\d)"
    r"(?:-(?P<hint>retry-after|retry-date|retry-ms|reset|says|late)-(?P<value>[\w.:+-]+)|-(?P<kind>html|empty))?"
)
_AFTER = re.compile(r"(?P<kind>short|unended|close|cut|stall|error|malformed)-after-(?P<tokens>\d+)")
_STALL = re.compile(r"stall-after-(?P<tokens>\d+)-for-(?P<value>\d+(?:\.\d+)?)")
_SLOW = re.compile(r"slow-(?P<value>\d+(?:\.\d+)?)")
_SPELLED = re.compile(r"spelled-(?P<value>all|bom|crlf|comments|lines|no-space|bytes|gzip)")
_NAMED = frozenset(
    {"wrong-key", "no-model", "quota", "billing", "context-length", "content-filter", "overloaded", "server"}
)
_PLAIN = frozenset(
    {
        "error-body", "html", "null", "blank", "redirect", "reset", "hang-up", "silence", "interim", "garbage",
        "huge-head", "cut-at-end", "no-done", "no-finish", "twice", "giant", "endless",
    }
)  # fmt: skip
# fmt: on


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave. ``kind``: a key of ``plano.mock.plays``.

    ``status`` and ``hint``: of an error answer, and how it names a time. ``value``: the time, spelling or error named.
    ``after_tokens``: how many tokens come first.
    """

    kind: str
    status: int = 200
    hint: str | None = None
    value: str = ""
    after_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """``latency_s``: before the first token. ``tokens_per_s``: afterwards, 0 for all at once."""

    latency_s: float = 0.0
    tokens_per_s: float = 0.0


def parse_fault(word: str) -> Fault | None:
    """The fault that ``word`` names, None for ``ok``. Raises ValueError for anything else."""
    if word == "ok":
        return None
    if word in _PLAIN:
        return Fault(word)
    if word in _NAMED:
        return Fault("named", value=word)
    if (status := _STATUS.fullmatch(word)) is not None:
        kind = f"status-{status['kind']}" if status["kind"] else "status"
        return Fault(kind, int(status["status"]), status["hint"], status["value"] or "")
    if (after := _AFTER.fullmatch(word)) is not None:
        return Fault(after["kind"], after_tokens=int(after["tokens"]))
    if (stall := _STALL.fullmatch(word)) is not None:
        return Fault("stall", value=stall["value"], after_tokens=int(stall["tokens"]))
    if (slow := _SLOW.fullmatch(word)) is not None:
        return Fault("slow", value=slow["value"])
    if (spelled := _SPELLED.fullmatch(word)) is not None:
        return Fault("spelled", value=spelled["value"])
    raise ValueError(f"unknown behaviour {word!r}: {', '.join(WORDS)}")


def is_behaviour(model_id: str) -> bool:
    """Does the last part of a model id name a behaviour, as in ``mock/429-retry-after-7``?"""
    word = model_id.rpartition("/")[2]
    try:
        return parse_fault(word) is not None
    except ValueError:
        return False


class Script:
    """What a model does on its first call, its second, …; the last word goes on for ever. No words: ``ok``."""

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        self._faults = [parse_fault(word) for word in words]
        self._next = 0

    def step(self) -> Fault | None:
        """The fault of this call, None to answer."""
        if not self._faults:
            return None
        fault = self._faults[min(self._next, len(self._faults) - 1)]
        self._next += 1
        return fault
