"""Content codings of answers, decoded as they come, with a bound on how much they may grow.

No answer is asked for in any of them; some providers, and proxies before them, code all the same.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from plano.upstream.response import NoUsableAnswer

LARGEST_EXPANSION = 100
FREE_EXPANSION_BYTES = 1024 * 1024
ZSTD_WINDOW_LOG = 23
"""8 MiB, what a zstd body on the web may ask its reader to remember (RFC 9659 §3)."""

_GZIP, _WITH_HEADER, _BARE = 31, 47, -15
"""zlib's window argument: 31 expects a gzip header, 47 takes zlib or gzip, -15 expects none."""


class _Engine(Protocol):
    """Decodes one member of a coded body. ``is_over``: it has ended, and ``rest`` was fed behind its end.

    ``is_cut``: there was more than ``most`` bytes.
    """

    is_over: bool
    is_cut: bool
    rest: bytes

    def decode(self, data: bytes, most: int) -> bytes:
        """The plain bytes that ``data`` completes, about ``most`` of them. Raises NoUsableAnswer."""
        ...


class _Zlib:
    """gzip and deflate.

    Servers disagree on ``deflate``: the standard means zlib (RFC 9110 §8.4.1.2), some send the bare stream.
    """

    def __init__(self, window_bits: int) -> None:
        self._window_bits = window_bits
        self._stream = None if window_bits == _WITH_HEADER else zlib.decompressobj(window_bits)
        self.is_over = self.is_cut = False
        self.rest = b""

    def decode(self, data: bytes, most: int) -> bytes:
        if self._stream is None:
            self._stream = zlib.decompressobj(_WITH_HEADER if _begins_a_header(data[0]) else _BARE)
        try:
            plain = self._stream.decompress(data, most)
        except zlib.error:
            raise NoUsableAnswer("protocol") from None
        self.is_over, self.rest = self._stream.eof, self._stream.unused_data
        self.is_cut = bool(self._stream.unconsumed_tail)
        return plain


class _Zstd:
    """A frame (RFC 8878)."""

    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd  # noqa: PLC0415  # loaded for the rare answer that needs it
        else:
            from backports import zstd  # noqa: PLC0415
        limits: dict[int, int] = {zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG}
        self._error = zstd.ZstdError
        self._stream = zstd.ZstdDecompressor(options=limits)
        self.is_over = self.is_cut = False
        self.rest = b""

    def decode(self, data: bytes, most: int) -> bytes:
        try:
            plain = self._stream.decompress(data, max_length=most)
        except self._error:
            raise NoUsableAnswer("protocol") from None
        self.is_over = self._stream.eof
        self.rest = self._stream.unused_data if self.is_over else b""
        self.is_cut = not self.is_over and not self._stream.needs_input
        return bytes(plain)


class _Brotli:
    """A stream (RFC 7932), which has nothing behind it."""

    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]  # noqa: PLC0415  # loaded for the rare answer that needs it

        self._error = brotli.error
        self._stream = brotli.Decompressor()
        self.is_over = self.is_cut = False
        self.rest = b""

    def decode(self, data: bytes, most: int) -> bytes:
        try:
            plain: bytes = self._stream.process(data, output_buffer_limit=most)
        except self._error:
            raise NoUsableAnswer("protocol") from None
        self.is_over = self._stream.is_finished()
        self.is_cut = not self.is_over and not self._stream.can_accept_more_data()
        return plain


_ENGINES: Final[Mapping[str, Callable[[], _Engine]]] = {
    "gzip": lambda: _Zlib(_GZIP),
    "x-gzip": lambda: _Zlib(_GZIP),
    "deflate": lambda: _Zlib(_WITH_HEADER),
    "br": _Brotli,
    "zstd": _Zstd,
}


def decoder(coding: str | None) -> Inflater | None:
    """What turns coded pieces into plain ones; None for an answer that is not coded.

    Raises NoUsableAnswer for a coding that cannot be read.
    """
    name = (coding or "identity").strip().lower()
    if name in ("identity", ""):
        return None
    if name not in _ENGINES:
        raise NoUsableAnswer("protocol")
    return Inflater(_ENGINES[name])


class Inflater:
    """Decodes one body, the members or frames of it one after the other."""

    def __init__(self, begin: Callable[[], _Engine]) -> None:
        self._begin = begin
        self._engine = begin()
        self._taken = self._given = 0

    def feed(self, data: bytes) -> bytes:
        """The plain bytes that ``data`` completes. Raises NoUsableAnswer."""
        self._taken += len(data)
        plain = []
        while data:
            if self._engine.is_over:
                self._engine = self._begin()
            plain.append(self._engine.decode(data, self._room()))
            self._given += len(plain[-1])
            if self._engine.is_cut:
                raise NoUsableAnswer("protocol")
            data = self._engine.rest
        return b"".join(plain)

    def end(self) -> None:
        """The body is over. Raises NoUsableAnswer when the coded stream is not."""
        if self._taken and not self._engine.is_over:
            raise NoUsableAnswer("truncated")

    def _room(self) -> int:
        """How many more plain bytes are believed, at least 1 because zlib takes 0 for no limit."""
        allowed = max(FREE_EXPANSION_BYTES, self._taken * LARGEST_EXPANSION)
        return max(1, allowed - self._given)


def _begins_a_header(byte: int) -> bool:
    """Of zlib (RFC 1950 §2.2) or gzip (RFC 1952 §2.3.1); no compressor begins a bare stream with one of these."""
    return byte & 0x0F == 8 or byte == 0x1F
