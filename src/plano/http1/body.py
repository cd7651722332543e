"""The three ways a body ends: after a number of bytes, with its last chunk, with the connection.

A decoder reports a fault as a value and not as an exception, so that the bytes before it are never lost.
"""

from __future__ import annotations

from typing import Protocol

from plano.http1 import grammar
from plano.http1.block import BlockReader
from plano.http1.fields import FieldReader
from plano.http1.head import Framing
from plano.http1.limits import Limits
from plano.http1.violation import Violation

_FORBIDDEN_TRAILERS = frozenset(
    {
        *("content-length", "transfer-encoding", "host", "content-encoding", "content-type", "trailer"),
        *("authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "set-cookie"),
    }
)
"""Fields that would change what was already decided: framing, routing, credentials (RFC 9110 §6.5.1)."""


_LINE_END = b"\r\n"

_SMALLEST_CHUNK = len(b"1\r\n1\r\n")

_CHUNK_LINE_REST = 16 + 1
"""The longest size, and a ``\\r``: what a chunk line may hold beside its extension."""


class BodyDecoder(Protocol):
    """Reads one body.

    ``done``: the body is whole; ``rest`` holds what was fed after its end. ``fault``: why it will never be whole, None
    while it may. After either, nothing more may be fed.
    """

    done: bool
    rest: bytes
    fault: Violation | None

    def feed(self, data: bytes) -> bytes:
        """The payload in ``data``, possibly empty."""
        ...

    def sole(self, data: bytes) -> bytes:
        """The payload of ``data`` where that is one whole chunk and nothing else; else nothing, and it must be fed."""
        ...


def body_decoder(framing: Framing, limits: Limits, *, body_bytes: int) -> BodyDecoder:
    """The decoder for ``framing``; a body over ``body_bytes`` is a fault, at once when its length is declared."""
    if framing == "chunked":
        return Chunked(limits, body_bytes)
    if framing == "until_close":
        return UntilClose(body_bytes)
    decoder = Fixed(framing)
    if framing > body_bytes:
        decoder.fault = _too_large(body_bytes)
    return decoder


def _too_large(body_bytes: int) -> Violation:
    return Violation("body_size", f"the body is larger than {body_bytes} bytes")


class Fixed:
    """A body of exactly ``length`` bytes."""

    __slots__ = ("_left", "done", "fault", "rest")

    def __init__(self, length: int) -> None:
        self._left = length
        self.done = length == 0
        self.rest = b""
        self.fault: Violation | None = None

    def sole(self, data: bytes) -> bytes:
        return b""

    def feed(self, data: bytes) -> bytes:
        left = self._left - len(data)
        if left > 0:
            self._left = left
            return data
        self.done = True
        if left == 0:
            return data
        self.rest = data[left:]
        return data[:left]


class UntilClose:
    """A body that ends with the connection; ``done`` is never True here."""

    __slots__ = ("_left", "_limit", "done", "fault", "rest")

    def __init__(self, body_bytes: int) -> None:
        self._limit = body_bytes
        self._left = body_bytes
        self.done = False
        self.rest = b""
        self.fault: Violation | None = None

    def sole(self, data: bytes) -> bytes:
        return b""

    def feed(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left >= 0:
            return data
        self.fault = _too_large(self._limit)
        return data[: self._left]


class Chunked:
    """A body in chunks (RFC 9112 §7.1), read strictly; extensions and trailers are checked and dropped."""

    __slots__ = (
        "_body_bytes",
        "_budget",
        "_extensions",
        "_held",
        "_left",
        "_limits",
        "_trailers",
        "done",
        "fault",
        "rest",
    )

    def __init__(self, limits: Limits, body_bytes: int) -> None:
        self._limits = limits
        self._body_bytes = body_bytes
        self._budget = body_bytes
        self._extensions = limits.chunk_extensions_bytes
        self._held = b""
        self._left = 0
        self._trailers: BlockReader | None = None
        self.done = False
        self.rest = b""
        self.fault: Violation | None = None

    def sole(self, data: bytes) -> bytes:
        if self._left == 0 and not self._held and self._trailers is None:
            line = grammar.CHUNK_LINE.match(data)
            if line is not None and not line[2]:
                at, size = line.end(), int(line[1], 16)
                if 0 < size <= self._budget and len(data) == at + size + 2 and data.endswith(_LINE_END):
                    self._budget -= size
                    return data[at:-2]
        return b""

    def feed(self, data: bytes) -> bytes:
        left = self._left - len(data)
        if left >= len(_LINE_END):
            # All of it lies within a chunk.
            self._left = left
            return data
        payload = self.sole(data) if len(data) >= _SMALLEST_CHUNK else b""
        if payload:
            return payload
        pieces: list[bytes] = []
        try:
            if self._trailers is None:
                self._read_chunks(data, pieces)
            else:
                self._read_trailers(data)
        except Violation as violation:
            self.fault = violation
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _read_chunks(self, data: bytes, pieces: list[bytes]) -> None:
        if self._held:
            data = self._held + data
            self._held = b""
        at, size = 0, len(data)
        while at < size:
            if self._left == 0:
                at = self._read_line(data, at)
                if self._left == 0:
                    return
            at = self._read_payload(data, at, pieces)

    def _read_line(self, data: bytes, at: int) -> int:
        """The position after the line of a chunk. Afterwards ``_left`` is 0 when the line is not whole, or the last."""
        line = grammar.CHUNK_LINE.match(data, at)
        if line is None:
            self._hold_line(data[at:])
            return at
        size = int(line[1], 16)
        if line[2]:
            self._count_extension(len(line[2]))
        if size > self._budget:
            raise _oversize_chunk(size, self._body_bytes)
        at = line.end()
        if size:
            self._budget -= size
            self._left = size + 2
        elif data.startswith(_LINE_END, at):
            self.done = True
            self.rest = data[at + 2 :]
        else:
            self._trailers = BlockReader(self._limits.trailer_bytes + 4)
            self._read_trailers(_LINE_END + data[at:])
        return at

    def _read_payload(self, data: bytes, at: int, pieces: list[bytes]) -> int:
        """The position after the payload at ``at`` and its line end, or the end of ``data``."""
        left = self._left
        end = at + left
        if left > 2:
            pieces.append(data[at : end - 2])
            if data.startswith(_LINE_END, end - 2):
                self._left = 0
                return end
        tail_at = max(at, end - 2)
        tail = data[tail_at:end]
        if not _LINE_END.startswith(tail, tail_at - end + 2):
            raise Violation("syntax", "no line end after a chunk")
        self._left = max(end - len(data), 0)
        return min(end, len(data))

    def _hold_line(self, line: bytes) -> None:
        if len(line) > self._limits.chunk_extension_bytes + _CHUNK_LINE_REST:
            raise Violation("syntax", "the line of a chunk is too long")
        if not grammar.CHUNK_LINE_BEGUN.fullmatch(line):
            raise Violation("syntax", "a chunk size is no plain hexadecimal number")
        self._held = line

    def _count_extension(self, size: int) -> None:
        self._extensions -= size
        if size > self._limits.chunk_extension_bytes or self._extensions < 0:
            raise Violation("syntax", "the extensions of chunks are too long")

    def _read_trailers(self, data: bytes) -> None:
        assert self._trailers is not None
        found = self._trailers.feed(data)
        if found is None:
            return
        block, rest = found
        names = FieldReader(self._limits.fields).read(block[2:].decode("latin-1"))
        if not _FORBIDDEN_TRAILERS.isdisjoint(names):
            raise Violation("syntax", "a trailer that may not be one")
        self.done = True
        self.rest = rest


def _oversize_chunk(size: int, body_bytes: int) -> Violation:
    if size > grammar.SIZE_MAX:
        return Violation("syntax", "a chunk size is over 2^63")
    return _too_large(body_bytes)
