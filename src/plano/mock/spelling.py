"""Event streams and bodies spelled oddly but correctly (WHATWG HTML §9.2.6, RFC 9110 §8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

_ALL = frozenset({"bom", "crlf", "comments", "lines", "no-space", "bytes", "gzip"})


def _ways(word: str) -> frozenset[str]:
    return _ALL if word == "all" else frozenset({word})


def is_packed(word: str) -> bool:
    """Is the body compressed?"""
    return "gzip" in _ways(word)


def is_dripped(word: str) -> bool:
    """Is every byte a write of its own?"""
    return "bytes" in _ways(word)


def respelled(word: str, events: Iterable[bytes]) -> list[bytes]:
    """The same events in another spelling."""
    ways = _ways(word)
    spelled = [_event(event, ways) for event in events]
    if "comments" in ways:
        spelled = [piece for event in spelled for piece in (b": a comment\n\n", event)]
    if "crlf" in ways:
        spelled = [event.replace(b"\n", b"\r\n") for event in spelled]
    return [b"\xef\xbb\xbf", *spelled] if "bom" in ways else spelled


def packed(pieces: Iterable[bytes]) -> list[bytes]:
    """The pieces in gzip, each one flushed so that nothing waits in the compressor."""
    compressor = zlib.compressobj(wbits=31)
    done = [compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH) for piece in pieces]
    return [*done, compressor.flush()]


def _event(event: bytes, ways: frozenset[str]) -> bytes:
    *lines, end, last = event.split(b"\n")
    if "lines" in ways:
        lines = [part for line in lines for part in _split(line)]
    if "no-space" in ways:
        lines = [line.replace(b": ", b":", 1) for line in lines]
    return b"\n".join((*lines, end, last))


def _split(line: bytes) -> tuple[bytes, ...]:
    """A data line as two, where its JSON allows a line feed: before the last closing brace."""
    if not line.startswith(b"data: {"):
        return (line,)
    return line[:-1], b"data: " + line[-1:]
