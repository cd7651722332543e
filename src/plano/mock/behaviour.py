"""How a mock model behaves, and how a user says so in one word.

ok                    answers
429                   any status of 400 or above, with that provider's kind of error body
429-retry-after-7     the same, naming a time in seconds (any status)
reset                 the connection is reset before the answer's head
silence               nothing ever comes
cut-after-3           the stream (or the body) breaks off after that many tokens
error-after-3         an error event after that many tokens; ``error-after-0`` is the first event, status 200
no-done               a stream without ``[DONE]``
html                  200 with a page instead of an answer
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["status", "reset", "silence", "cut", "error", "no_done", "html"]

_WORD = re.compile(
    r"(?P<status>[45]\d\d)(?:-retry-after-(?P<seconds>\d+(?:\.\d+)?))?"
    r"|(?P<plain>reset|silence|no-done|html)"
    r"|(?P<late>cut|error)-after-(?P<tokens>\d+)"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave. ``retry_after_s``: named in the answer. ``after_tokens``: how many tokens come first."""

    kind: FaultKind
    status: int = 200
    retry_after_s: float | None = None
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
    match = _WORD.fullmatch(word)
    if match is None:
        raise ValueError(
            f"unknown behaviour {word!r}: ok, 429, 429-retry-after-7, 503, reset, silence, cut-after-3, "
            "error-after-3, no-done or html"
        )
    if match["status"]:
        seconds = match["seconds"]
        return Fault("status", int(match["status"]), float(seconds) if seconds else None)
    if match["late"]:
        return Fault("cut" if match["late"] == "cut" else "error", after_tokens=int(match["tokens"]))
    return Fault("no_done" if match["plain"] == "no-done" else match["plain"])  # type: ignore[arg-type]


def is_behaviour(model_id: str) -> bool:
    """Does the last part of a model id name a behaviour, as in ``mock/429-retry-after-7``?"""
    return _WORD.fullmatch(model_id.rpartition("/")[2]) is not None


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
