"""Content codings of answers."""

from __future__ import annotations

import gzip
import zlib

import pytest

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
    ],
    ids=["gzip", "x-gzip", "zlib", "zlib, stored", "bare", "bare, stored", "gzip called deflate", "two members"],
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
    """What was not asked for cannot be read."""
    with pytest.raises(NoUsableAnswer):
        decoder("br")


def test_garbage_is_no_answer() -> None:
    """Bytes that are not what they claim to be."""
    decode = decoder("gzip")
    assert decode is not None
    with pytest.raises(NoUsableAnswer):
        decode.feed(b"this is not gzip")


def test_a_bomb_is_no_answer() -> None:
    """Beyond 1 MiB an answer may grow a hundredfold, not more."""
    decode = decoder("gzip")
    assert decode is not None
    with pytest.raises(NoUsableAnswer):
        decode.feed(gzip.compress(bytes(10_000_000)))


def test_a_cut_file_is_no_answer() -> None:
    """A coded body that ends in the middle is cut, though its framing says that it is whole."""
    decode = decoder("gzip")
    assert decode is not None
    decode.feed(gzip.compress(TEXT, mtime=0)[:-9])
    with pytest.raises(NoUsableAnswer) as caught:
        decode.end()
    assert caught.value.ending == "truncated"
