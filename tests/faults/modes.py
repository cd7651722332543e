"""The 48 fault modes, and what the outcome table makes of each: the expectations of the matrix, all in one place.

How a mode is played stands beside what must come of it; nothing here was copied from what the gateway does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plano.mock.behaviour import ConnectionFault

Place = Literal["mock", "refused", "black-hole", "unreachable", "missing-name", "slow-name", "bad-tls", "silent-tls"]


@dataclass(frozen=True, slots=True)
class Fails:
    """Nothing reached the caller: the next candidate is tried; without one the answer is one of ``codes``.

    ``endings``: how the account of attempts may name it. ``is_retried``: the last one left is asked once more.
    """

    codes: tuple[str, ...]
    endings: tuple[str, ...]
    is_retried: bool = False


@dataclass(frozen=True, slots=True)
class PassedOn:
    """The caller's own mistake: answered with that status and nobody else is asked.

    ``goes_on_to_larger``: a candidate with a larger window is asked all the same.
    """

    status: int
    code: str
    goes_on_to_larger: bool = False


@dataclass(frozen=True, slots=True)
class Breaks:
    """A stream that had begun: exactly ``tokens`` tokens (None: all), then the error event, nobody else is asked."""

    code: str
    tokens: int | None = 3


@dataclass(frozen=True, slots=True)
class Serves:
    """A whole answer from the first candidate."""


Fate = Fails | PassedOn | Breaks | Serves
SERVES = Serves()


@dataclass(frozen=True, slots=True)
class Mode:
    """One fault. ``plain`` and ``stream``: what must come of it. ``plain_word``, ``stream_word``: what the mock plays.

    ``connect``: what the mock does with its connections. ``asks_twice``: the first request only opens a connection.
    ``holds_s``: for how long nobody may ask the model again, as (at least, at most).
    """

    id: str
    what: str
    plain: Fate
    stream: Fate
    plain_words: tuple[str, ...] = ("ok",)
    stream_words: tuple[str, ...] = ("ok",)
    place: Place = "mock"
    connect: tuple[ConnectionFault | None, ...] = ()
    body_bytes: int = 0
    asks_twice: bool = False
    holds_s: tuple[float, float] | None = None

    def fate(self, *, is_stream: bool) -> Fate:
        """What must come of it."""
        return self.stream if is_stream else self.plain

    def words(self, *, is_stream: bool) -> tuple[str, ...]:
        """What the mock plays, one for each position; the last for those after it."""
        return self.stream_words if is_stream else self.plain_words


UPLOAD_BYTES = 6 * 1024 * 1024
"""More than the buffers of both sides of a loopback connection take in."""


def connecting(mode: str, what: str, place: Place, code: str, ending: str, *, is_retried: bool = False) -> Mode:
    fate = Fails((code,), (ending,), is_retried)
    return Mode(mode, what, fate, fate, place=place)


def accepting(mode: str, what: str, fault: ConnectionFault) -> Mode:
    """The reset may be seen before or after the first byte of the request was written: both names are right."""
    fate = Fails(("upstream_connect_failed", "upstream_truncated"), ("connect", "reset"), is_retried=True)
    return Mode(mode, what, fate, fate, connect=(fault,))


def alike(mode: str, what: str, fate: Fate, *words: str, holds_s: tuple[float, float] | None = None) -> Mode:
    return Mode(mode, what, fate, fate, words, words, holds_s=holds_s)


def uploading(mode: str, what: str, fate: Fate, fault: ConnectionFault) -> Mode:
    return Mode(mode, what, fate, fate, connect=(fault,), body_bytes=UPLOAD_BYTES)


def in_body(mode: str, what: str, word: str, *, plain: Fate, stream: Fate) -> Mode:
    return Mode(mode, what, plain, stream, (word,), (word,))


def only_streamed(mode: str, what: str, word: str, stream: Fate) -> Mode:
    """Without a meaning of its own for a plain answer, which is an ordinary one."""
    return Mode(mode, what, SERVES, stream, ("ok",), (word,))


# fmt: off
SILENT = Fails(("upstream_timeout", "deadline_exceeded"), ("timeout",))
"""Silence up to the limit of the last attempt is also the end of the deadline."""
RESET = Fails(("upstream_truncated",), ("reset",), is_retried=True)
INVALID = Fails(("upstream_invalid_response",), ("protocol",))
CUT = Fails(("upstream_truncated",), ("truncated",))
LIMITED = Fails(("upstream_rate_limited",), ("429",))
LIMITED_SHORTLY = Fails(("upstream_rate_limited",), ("429",), is_retried=True)
INSIDE = Fails(("upstream_error",), ("inband",))

MODES: tuple[Mode, ...] = (
    connecting("F01", "refused", "refused", "upstream_connect_failed", "connect", is_retried=True),
    connecting("F02", "connect timeout", "black-hole", "upstream_timeout", "connect_timeout"),
    connecting("F03", "unreachable", "unreachable", "upstream_connect_failed", "connect", is_retried=True),
    connecting("F04", "name not found", "missing-name", "upstream_connect_failed", "connect", is_retried=True),
    connecting("F05", "slow name look-up", "slow-name", "upstream_timeout", "connect_timeout"),
    accepting("F06", "RST on accept", "reset-on-accept"),
    accepting("F07", "FIN on accept", "close-on-accept"),
    connecting("F08", "bad certificate", "bad-tls", "upstream_connect_failed", "connect", is_retried=True),
    connecting("F09", "TLS stall", "silent-tls", "upstream_timeout", "connect_timeout"),
    Mode("F10", "idle connection closed at reuse", SERVES, SERVES, connect=("close-at-reuse", None), asks_twice=True),
    alike("F11", "silence", SILENT, "silence"),
    alike("F12", "RST after the request", RESET, "reset"),
    uploading("F13", "RST during upload", RESET, "reset-in-upload"),
    uploading("F14", "upload not taken", SILENT, "stop-reading"),
    uploading("F15", "early 413 with upload open", PassedOn(413, "request_too_large"), "early-413"),
    alike("F16", "garbage", INVALID, "garbage"),
    alike("F17", "10 MiB head", INVALID, "huge-head"),
    alike("F18", "100 and 103, then silence", SILENT, "interim"),
    alike("F19", "307 to another host", INVALID, "redirect"),
    alike("F20", "400", PassedOn(400, "upstream_rejected"), "400"),
    alike("F21", "401", Fails(("upstream_account_error",), ("401",)), "wrong-key"),
    alike("F22", "402", Fails(("upstream_account_error",), ("402",)), "402"),
    alike("F23", "404 model", Fails(("upstream_model_missing",), ("404",)), "no-model"),
    alike("F24", "408", Fails(("upstream_timeout",), ("408",)), "408"),
    alike("F25", "context length", PassedOn(400, "context_length_exceeded", goes_on_to_larger=True), "context-length"),
    alike("F26", "429 with seconds", LIMITED_SHORTLY, "429-retry-after-2", holds_s=(2, 2)),
    alike("F27", "429 with HTTP date", LIMITED, "429-retry-date-20", holds_s=(19, 20)),
    alike("F28", "429 without a time", LIMITED, "429", holds_s=(0.8, 1.2)),
    alike("F29", "500 JSON", Fails(("upstream_error",), ("500",), is_retried=True), "500"),
    alike("F30", "502 HTML", Fails(("upstream_error",), ("502",), is_retried=True), "502-html"),
    alike("F31", "503 empty", Fails(("upstream_overloaded",), ("503",), is_retried=True), "503-empty"),
    alike("F32", "504 late", Fails(("upstream_timeout",), ("504",), is_retried=True), "504-late-20"),
    alike("F33", "529", Fails(("upstream_overloaded",), ("529",), is_retried=True), "529"),
    alike("F34", "200 with a server error object", INSIDE, "error-body"),
    alike("F35", "200 HTML, null or empty", INVALID, "html", "null", "blank"),
    in_body("F36", "Content-Length short", "short-after-3", plain=CUT, stream=Breaks("upstream_truncated")),
    in_body("F37", "no last chunk", "unended-after-3", plain=CUT, stream=Breaks("upstream_truncated")),
    in_body("F38", "close-delimited cut", "close-after-3", plain=CUT, stream=Breaks("upstream_truncated")),
    in_body("F39", "RST inside an event", "cut-after-3", plain=CUT, stream=Breaks("upstream_truncated")),
    in_body("F40", "stall inside an event", "stall-after-3", plain=SILENT, stream=Breaks("upstream_timeout")),
    in_body("F41", "error as first event", "error-after-0", plain=INSIDE, stream=INSIDE),
    only_streamed("F42", "error later", "error-after-3", Breaks("upstream_error")),
    only_streamed("F43", "terminal event seen, then cut", "cut-at-end", SERVES),
    only_streamed("F44", "closing sign, no terminal event", "no-finish", Breaks("upstream_truncated", tokens=None)),
    only_streamed("F45", "terminal twice", "twice", SERVES),
    in_body("F46", "one malformed event in text", "malformed-after-3", plain=INVALID, stream=SERVES),
    in_body("F47", "spellings", "spelled-all", plain=SERVES, stream=SERVES),
    in_body("F48", "one 100 MiB event", "giant", plain=INVALID, stream=Breaks("upstream_invalid_response", tokens=1)),
)
# fmt: on
