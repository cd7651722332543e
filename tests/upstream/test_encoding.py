"""Content codings of answers."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
import zlib

import brotli  # type: ignore[import-untyped]
import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from plano.upstream.encoding import decoder
from plano.upstream.response import NoUsableAnswer

TEXT = b"data: hello\n\n" * 50


@pytest.mark.parametrize(
    ("coding", "coded"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("X-GZIP", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT, 0)),
        ("deflate", zlib.compress(TEXT, wbits=-15)),
        ("deflate", zlib.compress(TEXT, 0, wbits=-15)),
        ("deflate", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(TEXT[:100], mtime=0) + gzip.compress(TEXT[100:], mtime=0)),
        ("br", brotli.compress(TEXT)),
        ("zstd", zstd.compress(TEXT)),
        ("zstd", zstd.compress(TEXT[:100]) + zstd.compress(TEXT[100:])),
    ],
    ids=[
        *("gzip", "x-gzip", "zlib", "zlib, stored", "bare", "bare, stored", "gzip called deflate", "two members"),
        *("br", "zstd", "two frames"),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_decoded_as_it_comes(coding: str, coded: bytes, size: int) -> None:
    """Whole or in single bytes, one member or several: the same text."""
    decode = decoder(coding)
    assert decode is not None
    assert b"".join(decode.feed(coded[at : at + size]) for at in range(0, len(coded), size)) == TEXT


@pytest.mark.parametrize("coding", [None, "", "identity"])
def test_plain_answers_are_not_decoded(coding: str | None) -> None:
    """No coding, no work."""
    assert decoder(coding) is None


def test_unknown_codings_are_no_answer() -> None:
    """What has no decoder, or several codings one upon the other, cannot be read."""
    for coding in ("compress", "gzip, br"):
        with pytest.raises(NoUsableAnswer):
            decoder(coding)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_garbage_is_no_answer(coding: str) -> None:
    """Bytes that are not what they claim to be."""
    decode = decoder(coding)
    assert decode is not None
    with pytest.raises(NoUsableAnswer):
        decode.feed(b"this is not what it says" * 9)
        decode.end()


ZEROS = bytes(20_000_000)


@pytest.mark.parametrize(
    ("coding", "coded"),
    [("gzip", gzip.compress(ZEROS)), ("br", brotli.compress(ZEROS)), ("zstd", zstd.compress(ZEROS))],
)
def test_a_bomb_is_no_answer(coding: str, coded: bytes) -> None:
    """Beyond 1 MiB an answer may grow a hundredfold, not more; what is too much is not even made."""
    decode = decoder(coding)
    assert decode is not None
    tracemalloc.start()
    try:
        with pytest.raises(NoUsableAnswer):
            decode.feed(coded)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_a_long_memory_is_no_answer() -> None:
    """A frame may not ask for more than 8 MiB to be kept."""
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    greedy = packer.compress(TEXT, packer.FLUSH_BLOCK)
    decode = decoder("zstd")
    assert decode is not None
    with pytest.raises(NoUsableAnswer):
        decode.feed(greedy)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_an_event_is_there_once_it_was_flushed(coding: str) -> None:
    """What a provider has flushed is plain at once: a token is not held back for the next one."""
    decode = decoder(coding)
    assert decode is not None
    for flushed in _flushed(coding):
        assert decode.feed(flushed) == TEXT


def _flushed(coding: str) -> list[bytes]:
    if coding == "gzip":
        packer = zlib.compressobj(wbits=31)
        return [packer.compress(TEXT) + packer.flush(zlib.Z_SYNC_FLUSH) for _ in range(3)]
    if coding == "br":
        made = brotli.Compressor()
        return [made.process(TEXT) + made.flush() for _ in range(3)]
    one = zstd.ZstdCompressor()
    return [one.compress(TEXT, one.FLUSH_BLOCK) for _ in range(3)]


@pytest.mark.parametrize(
    ("coding", "coded"),
    [("gzip", gzip.compress(TEXT, mtime=0)), ("br", brotli.compress(TEXT)), ("zstd", zstd.compress(TEXT))],
)
def test_a_cut_file_is_no_answer(coding: str, coded: bytes) -> None:
    """A coded body that ends in the middle is cut, though its framing says that it is whole."""
    decode = decoder(coding)
    assert decode is not None
    decode.feed(coded[:-3])
    with pytest.raises(NoUsableAnswer) as caught:
        decode.end()
    assert caught.value.ending == "truncated"
