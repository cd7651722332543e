"""Content codings of answers, decoded as they come, with a bound on how much they may grow."""

from __future__ import annotations

import zlib

from plano.upstream.response import NoUsableAnswer

LARGEST_EXPANSION = 100
FREE_EXPANSION_BYTES = 1024 * 1024

_WITH_HEADER = 47
_BARE = -15
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": _WITH_HEADER}
"""zlib's window argument: 31 expects a gzip header, 47 takes zlib or gzip, -15 expects none.

Servers disagree on ``deflate``: the standard means zlib (RFC 9110 §8.4.1.2), some send the bare stream.
"""


def decoder(coding: str | None) -> Inflater | None:
    """What turns coded pieces into plain ones; None for an answer that is not coded.

    Raises NoUsableAnswer for a coding Plano did not ask for and cannot read.
    """
    name = (coding or "identity").strip().lower()
    if name in ("identity", ""):
        return None
    if name not in _WINDOW_BITS:
        raise NoUsableAnswer("protocol")
    return Inflater(_WINDOW_BITS[name])


class Inflater:
    """Decodes one stream, members of a multi-member gzip file one after the other."""

    def __init__(self, window_bits: int) -> None:
        self._window_bits = window_bits
        self._engine = zlib.decompressobj(window_bits)
        self._taken = self._given = 0

    def feed(self, data: bytes) -> bytes:
        """The plain bytes that ``data`` completes."""
        if not self._taken and data and self._window_bits == _WITH_HEADER and not _begins_a_header(data[0]):
            self._window_bits = _BARE
            self._engine = zlib.decompressobj(_BARE)
        self._taken += len(data)
        plain = []
        try:
            while data:
                if self._engine.eof:
                    self._engine = zlib.decompressobj(self._window_bits)
                plain.append(self._engine.decompress(data, self._room()))
                if self._engine.unconsumed_tail:
                    raise NoUsableAnswer("protocol")
                self._given += len(plain[-1])
                data = self._engine.unused_data
        except zlib.error:
            raise NoUsableAnswer("protocol") from None
        return b"".join(plain)

    def end(self) -> None:
        """The body is over. Raises NoUsableAnswer when the coded stream is not."""
        if self._taken and not self._engine.eof:
            raise NoUsableAnswer("truncated")

    def _room(self) -> int:
        """How many more plain bytes are believed, at least 1 because zlib takes 0 for no limit."""
        allowed = max(FREE_EXPANSION_BYTES, self._taken * LARGEST_EXPANSION)
        return max(1, allowed - self._given)


def _begins_a_header(byte: int) -> bool:
    """Of zlib (RFC 1950 §2.2) or gzip (RFC 1952 §2.3.1); no compressor begins a bare stream with one of these."""
    return byte & 0x0F == 8 or byte == 0x1F
