"""Event streams (WHATWG HTML §9.2.6): bytes in, whole events out, wherever the bytes were cut."""

from __future__ import annotations

import re

from plano.errors import PlanoError

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\n)")
_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")
_BOM = b"\xef\xbb\xbf"
# As numbers: looking for bytes of length one in bytes first fails to take them for a number, which costs 100 ns.
_LINE_FEED, _CARRIAGE_RETURN = 0x0A, 0x0D


class EventTooLarge(PlanoError):
    """One event is larger than the limit."""

    status = 502
    code = "upstream_invalid_response"


class Splitter:
    """Cuts a byte stream after each blank line, keeping every byte.

    ``feed`` returns whole events with their line ends, so that joining what it returned, and ``rest``, gives the input.
    ``pending``: what waits for its blank line, not to be changed.
    """

    __slots__ = ("_limit", "pending")

    def __init__(self, *, limit: int = 16 * 1024 * 1024) -> None:
        self.pending = bytearray()
        self._limit = limit

    def feed(self, data: bytes) -> list[bytes]:
        """The events completed by ``data``. Raises EventTooLarge."""
        if not self.pending and data[-2:] == b"\n\n" and _CARRIAGE_RETURN not in data:
            return [event + b"\n\n" for event in data[:-2].split(b"\n\n")]
        return self._feed_slowly(data)

    @property
    def rest(self) -> bytes:
        """What has not been closed by a blank line."""
        return bytes(self.pending)

    def close(self) -> list[bytes]:
        """The events that the end of the body completes: a carriage return at the very end is a line end after all."""
        return self._feed_slowly(b"", is_end=True)

    def _feed_slowly(self, data: bytes, *, is_end: bool = False) -> list[bytes]:
        buffer = self.pending
        resume = max(0, len(buffer) - 3)
        buffer += data
        events, begin = [], 0
        for match in _BLANK_LINE.finditer(buffer, resume):
            # A carriage return at the very end may be the first half of CRLF: wait for the next byte.
            if match.end() == len(buffer) and buffer.endswith(b"\r") and not is_end:
                break
            events.append(bytes(buffer[begin : match.end()]))
            begin = match.end()
        self.pending = buffer[begin:] if begin else buffer
        if len(self.pending) > self._limit:
            raise EventTooLarge(f"an event of the stream is larger than {self._limit} bytes")
        return events


def sole_data(piece: bytes) -> bytes | None:
    """The data of the one event that ``piece`` is, in the form that nearly every upstream sends; None for all else.

    This costs a tenth of finding the events and their lines in any spelling, and makes no difference otherwise.
    """
    if piece[-2:] != b"\n\n" or _CARRIAGE_RETURN in piece:
        return None
    start = 6
    if piece[:6] != b"data: ":
        start = piece.find(b"\n") + 7
        if piece[:7] != b"event: " or piece[start - 6 : start] != b"data: ":
            return None
    data = piece[start:-2]
    return None if _LINE_FEED in data else data


def data_of(event: bytes) -> bytes | None:
    """The data of one event: its ``data`` lines joined by line feeds; None for an event without data."""
    data = sole_data(event)
    if data is not None:
        return data
    lines = _LINE_END.split(event.removeprefix(_BOM))
    values = [line[5:].removeprefix(b" ") for line in lines if line == b"data" or line.startswith(b"data:")]
    return b"\n".join(values) if values else None
