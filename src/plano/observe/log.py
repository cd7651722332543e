"""One line per request: ids, models, route, outcome and times; no prompt, no key.

JSON, or key=value on a terminal. A log that cannot be written never fails a request.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TextIO

import msgspec

from plano.domain.usage import Usage
from plano.observe.cost import UNKNOWN
from plano.observe.entry import Entry
from plano.observe.visible import visible

Value = str | int | float | None

_UNKNOWN = Usage()

LONGEST_VALUE = 4_096
"""Characters of one member of a line; what is longer is cut."""


class _RequestLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the line of a request says, in order; what is unknown is left out.

    ``is_estimated``: tokens and cost are no provider's numbers.
    """

    event: str
    trace_id: str | None = None
    request_id: str | None = None
    path: str | None = None
    status: int | None = None
    code: str | None = None
    model: str | None = None
    decision: str | None = None
    attempts: str | None = None
    ms: float | None = None
    first_token_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | str | None = None
    warnings: str | None = None
    is_estimated: bool | None = None


class Log:
    """Writes to ``stream``; ``stream`` None writes nothing."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._is_terminal = stream is not None and stream.isatty()
        encoder = msgspec.json.Encoder()
        self._encode, self._encode_lines = encoder.encode, encoder.encode_lines

    def requests(self, entries: Sequence[Entry]) -> None:
        """One line for each request, in one write."""
        if self._stream is None:
            return
        lines = [_line(entry) for entry in entries]
        written = b"" if self._is_terminal else self._encode_lines(lines)
        # JSON escapes every other mark below 128 that cannot be shown: nearly all batches are done here.
        if written.isascii() and b"\x7f" not in written and not self._is_terminal:
            self._write(written.decode())
        else:
            self._write("".join([self._render("request", msgspec.structs.asdict(line)) for line in lines]))

    def line(self, event: str, **members: Value) -> None:
        """One event with its members, in the order given; unknown ones (None) are left out."""
        if self._stream is not None:
            self._write(self._render(event, members))

    def flush(self) -> None:
        """Hands over what was written."""
        if self._stream is not None:
            with suppress(Exception):
                self._stream.flush()

    def unwritten(self, reason: str) -> None:
        """Records cannot be appended to their file."""
        self.line("records_failed", reason=reason, effect="records are dropped and counted; callers notice nothing")

    def bug(self, trace_id: str, bug: BaseException) -> None:
        """A defect of Plano itself: where it happened, in one line, without the values that were being handled."""
        frames = traceback.extract_tb(bug.__traceback__)[-4:]
        place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
        self.line("bug", trace_id=trace_id, error=type(bug).__name__, at=place)

    def _write(self, text: str) -> None:
        assert self._stream is not None
        with suppress(Exception):
            self._stream.write(text)
            if self._is_terminal:
                self._stream.flush()

    def _render(self, event: str, members: Mapping[str, Value]) -> str:
        known: dict[str, Value] = {"event": event}
        for name, value in members.items():
            if value is not None:
                known[name] = visible(value[:LONGEST_VALUE]) if isinstance(value, str) else value
        if not self._is_terminal:
            return self._encode(known).decode() + "\n"
        shown = " ".join(f"{name}={_quoted(value)}" for name, value in known.items() if name != "event")
        return f"{event} {shown}\n"


def _line(entry: Entry) -> _RequestLine:
    """What the line of a request says. Calls would be a third of what it takes."""
    usage = entry.usage or _UNKNOWN
    return _RequestLine(
        "request",
        entry.trace_id,
        entry.request_id,
        entry.path,
        entry.status,
        entry.code,
        entry.model,
        None if entry.decision is None else entry.decision.summary,
        _account(entry),
        # To the microsecond; ``round`` would take five times as long.
        (entry.seconds * 1e6 + 0.5) // 1.0 / 1e3,
        None if entry.first_token_s is None else (entry.first_token_s * 1e6 + 0.5) // 1.0 / 1e3,
        usage.input_tokens,
        usage.output_tokens,
        # What a good answer cost, ``?`` where that is unknown; nothing where there was none.
        entry.cost_usd if entry.cost_usd is not None or entry.served_by is None else UNKNOWN,
        "; ".join(entry.warnings) if entry.warnings else None,
        usage.is_estimated or None,
    )


def _account(entry: Entry) -> str | None:
    """How each attempt ended, in one line."""
    if entry.attempts is None:
        return None
    if len(entry.attempts) == 1:
        (one,) = entry.attempts
        return f"{one.model}={one.ending}"[:LONGEST_VALUE]
    return ", ".join([f"{each.model}={each.ending}" for each in entry.attempts])[:LONGEST_VALUE]


def _quoted(value: Value) -> str:
    text = (f"{value:.1f}" if value >= 1 else f"{value:.3g}") if isinstance(value, float) else str(value)
    return text if text.isascii() and text.isprintable() and " " not in text else msgspec.json.encode(text).decode()
