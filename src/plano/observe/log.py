"""One line per request: ids, models, route, outcome and times; no prompt, no key.

JSON, or key=value on a terminal. A log that cannot be written never fails a request.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

import msgspec

Value = str | int | float | None


class Log:
    """Writes to ``stream``; ``stream`` None writes nothing."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._is_terminal = stream is not None and stream.isatty()

    @property
    def is_on(self) -> bool:
        """Is anybody listening?"""
        return self._stream is not None

    def line(self, event: str, **members: Value) -> None:
        """One event with its members, in the order given; unknown ones (None) are left out."""
        if self._stream is None:
            return
        known = {name: _visible(value) for name, value in members.items() if value is not None}
        with suppress(Exception):
            self._stream.write(self._render(event, known))
            if self._is_terminal:
                self._stream.flush()

    def flush(self) -> None:
        """Hands over what was written; called twice a second: a system call costs more than a line."""
        if self._stream is not None:
            with suppress(Exception):
                self._stream.flush()

    def bug(self, trace_id: str, bug: BaseException) -> None:
        """A defect of Plano itself: where it happened, in one line, without the values that were being handled."""
        frames = traceback.extract_tb(bug.__traceback__)[-4:]
        place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
        self.line("bug", trace_id=trace_id, error=type(bug).__name__, at=place)

    def _render(self, event: str, members: Mapping[str, Value]) -> str:
        if not self._is_terminal:
            return msgspec.json.encode({"event": event, **members}).decode() + "\n"
        shown = " ".join(f"{name}={_quoted(value)}" for name, value in members.items())
        return f"{event} {shown}\n"


def _visible(value: Value) -> Value:
    """Control and direction marks as escapes: a log line stays one line, and shows what it says."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(mark if mark.isprintable() else f"\\u{ord(mark):04x}" for mark in value)


def _quoted(value: Value) -> str:
    text = f"{value:.1f}" if isinstance(value, float) else str(value)
    return text if text.isascii() and text.isprintable() and " " not in text else msgspec.json.encode(text).decode()
