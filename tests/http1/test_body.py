"""Bodies: every payload arrives whole, nothing more is taken for it, and no limit is passed unseen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.http1.body import BodyDecoder, Chunked, Fixed, UntilClose, body_decoder
from plano.http1.head import Framing
from plano.http1.limits import Limits
from tests.http1.play import calls_made, pieces

LIMITS = Limits()

CHUNKS = st.lists(st.binary(min_size=1, max_size=40), max_size=8)
CUTS = st.sets(st.integers(1, 400))
EXTENSIONS = st.sampled_from([b"", b";a", b";a=b", b';a="\\";"', b";" + b"\xe9" * 255])
SPELLINGS = st.sampled_from([b"%x", b"%X", b"%04x", b"%016X"])


def fed(decoder: BodyDecoder, reads: Sequence[bytes]) -> tuple[bytes, bool, bytes, str | None]:
    """Payload, done, rest, kind of the fault; what is left of the reads counts as rest."""
    payload = b""
    for at, data in enumerate(reads):
        payload += decoder.feed(data)
        if decoder.fault is not None:
            return payload, decoder.done, b"", decoder.fault.kind
        if decoder.done:
            return payload, True, decoder.rest + b"".join(reads[at + 1 :]), None
    return payload, decoder.done, b"", None


def cut(data: bytes, cuts: set[int]) -> list[bytes]:
    return pieces(data, (at for at in cuts if at < len(data)))


@given(chunks=CHUNKS, extension=EXTENSIONS, spelling=SPELLINGS, rest=st.binary(max_size=9), cuts=CUTS)
def test_chunks_round_trip(chunks: list[bytes], extension: bytes, spelling: bytes, rest: bytes, cuts: set[int]) -> None:
    """Any payload in any chunks, spelt and cut in any way, comes out as it went in, and what follows is untouched."""
    lines = [(spelling % len(chunk)) + extension + b"\r\n" + chunk + b"\r\n" for chunk in chunks]
    data = b"".join(lines) + b"0\r\n\r\n" + rest
    assert fed(Chunked(LIMITS, 1000), cut(data, cuts)) == (b"".join(chunks), True, rest, None)


@given(
    soup=st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"0", b"3", b"abc", b";", b"a: b", b" "]), max_size=14),
    cuts=CUTS,
)
def test_splits_change_nothing(soup: list[bytes], cuts: set[int]) -> None:
    """Over all kinds of chunk soup, payload and verdict do not depend on where the reads were cut."""
    data = b"".join(soup)
    whole = fed(Chunked(LIMITS, 20), cut(data, set()))
    assert fed(Chunked(LIMITS, 20), cut(data, cuts)) == whole
    assert fed(Chunked(LIMITS, 20), [data[at : at + 1] for at in range(len(data))]) == whole


@given(body=st.binary(max_size=60), length=st.integers(1, 60), cuts=CUTS)
def test_fixed(body: bytes, length: int, cuts: set[int]) -> None:
    """Exactly ``length`` bytes are the body; with fewer it is not done."""
    expected = (body[:length], len(body) >= length, body[length:], None)
    assert fed(Fixed(length), cut(body, cuts)) == expected


@given(body=st.binary(max_size=60), limit=st.integers(0, 60), cuts=CUTS)
def test_until_close(body: bytes, limit: int, cuts: set[int]) -> None:
    """A body without declared end is never done; the byte beyond the limit is a fault."""
    fault = "body_size" if len(body) > limit else None
    assert fed(UntilClose(limit), cut(body, cuts)) == (body[:limit], False, b"", fault)


def test_large_reads_are_not_copied() -> None:
    """A read that is payload from end to end is handed on as the same object."""
    data = bytes(65_536)
    chunked = Chunked(LIMITS, 1 << 20)
    chunked.feed(b"fffff\r\n")
    decoders: tuple[BodyDecoder, ...] = (Fixed(65_536), Fixed(70_000), UntilClose(65_536), chunked)
    assert all(decoder.feed(data) is data for decoder in decoders)


@pytest.mark.parametrize(
    ("framing", "limit", "fault"),
    [(0, 0, None), (5, 5, None), (6, 5, "body_size"), ("chunked", 5, None), ("until_close", 5, None)],
)
def test_declared_size(framing: Framing, limit: int, fault: str | None) -> None:
    """A declared length over the limit is a fault before the first byte."""
    decoder = body_decoder(framing, LIMITS, body_bytes=limit)
    assert (decoder.fault.kind if decoder.fault else None) == fault
    assert decoder.done is (framing == 0)


def test_counted_size() -> None:
    """Chunks are counted together: the one that would pass the limit is refused before its first byte."""
    assert fed(Chunked(LIMITS, 5), [b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"])[:2] == (b"abcde", True)
    assert fed(Chunked(LIMITS, 5), [b"3\r\nabc\r\n3\r\n"]) == (b"abc", False, b"", "body_size")


def test_payload_before_a_fault_is_kept() -> None:
    """What arrived before the framing broke is handed on: it may be all the answer there is."""
    assert fed(Chunked(LIMITS, 9), [b"3\r\nabc\r\nzz"]) == (b"abc", False, b"", "syntax")


def test_extensions_together() -> None:
    """16 KiB of extensions pass, one more does not: single bytes in dressed-up chunks are no way to send a body."""
    line = b"1;" + b"x" * 255 + b"\r\nz\r\n"
    assert fed(Chunked(LIMITS, 999), [line * 64 + b"0\r\n\r\n"])[:2] == (b"z" * 64, True)
    assert fed(Chunked(LIMITS, 999), [line * 64 + b"0;x\r\n\r\n"])[3] == "syntax"


def test_longest_line() -> None:
    """The longest line that is allowed is also allowed to arrive in two parts, cut anywhere."""
    line = b"0000000000000001;" + b"x" * 255 + b"\r\nz\r\n"
    for at in range(1, len(line)):
        assert fed(Chunked(LIMITS, 9), [line[:at], line[at:]]) == (b"z", False, b"", None)


@pytest.mark.parametrize(
    "unit",
    [b"1\r\nz\r\n", b"1;" + b"x" * 60 + b"\r\nz\r\n", b"40\r\n" + b"z" * 64 + b"\r\n"],
    ids=["single bytes", "extensions", "small chunks"],
)
def test_twice_the_bytes_at_most_twice_the_calls(unit: bytes) -> None:
    """Byte by byte, a body of twice the size makes at most 2.5 times the calls."""

    def work(count: int) -> int:
        decoder = Chunked(Limits(chunk_extensions_bytes=1 << 20), 1 << 20)
        return calls_made(lambda: fed(decoder, [bytes((byte,)) for byte in unit * count]))

    assert work(200) <= 2.5 * work(100)


def test_trailers_byte_by_byte() -> None:
    """8 KiB of trailers, byte by byte, take at most 2.5 times the calls of 4 KiB."""

    def work(size: int) -> int:
        data = b"0\r\n" + b"X: " + b"y" * size + b"\r\n\r\n"
        decoder = Chunked(LIMITS, 9)
        made = calls_made(lambda: fed(decoder, [bytes((byte,)) for byte in data]))
        assert decoder.done
        return made

    assert work(8000) <= 2.5 * work(4000)


def test_a_chunk_in_each_read_counts_as_well() -> None:
    """However the chunks are cut into reads, together they may not be larger than the limit."""
    decoder = Chunked(Limits(), 10)
    assert [decoder.feed(b"4\r\nabcd\r\n") for _ in range(2)] == [b"abcd", b"abcd"]
    assert decoder.fault is None
    decoder.feed(b"4\r\nabcd\r\n")
    assert decoder.fault is not None
    assert decoder.fault.kind == "body_size"


@pytest.mark.parametrize(
    ("before", "data", "payload"),
    [
        (b"", b"4\r\nabcd\r\n", b"abcd"),
        (b"2\r\nab\r\n", b"4\r\nabcd\r\n", b"abcd"),
        (b"", b"4\r\nabcd\r", b""),
        (b"", b"4\r\nabcd\r\n0", b""),
        (b"", b"4;a\r\nabcd\r\n", b""),
        (b"", b"0\r\n\r\n", b""),
        (b"4\r\na", b"bcd\r\n", b""),
        (b"4", b"\r\nabcd\r\n", b""),
        (b"", b"9\r\nabcdefghi\r\n", b""),
    ],
)
def test_a_sole_chunk(before: bytes, data: bytes, payload: bytes) -> None:
    """A read that is one whole chunk is known as such; of any other nothing is taken, and it can be fed."""
    decoder, fed_only = Chunked(LIMITS, 8), Chunked(LIMITS, 8)
    for each in (decoder, fed_only):
        each.feed(before)
    assert decoder.sole(data) == payload
    found, alike = decoder.feed(b"" if payload else data), fed_only.feed(data)
    assert payload + found == alike
    assert (decoder.done, decoder.rest, str(decoder.fault)) == (fed_only.done, fed_only.rest, str(fed_only.fault))


@pytest.mark.parametrize("decoder", [Fixed(20), UntilClose(20)])
def test_no_chunks(decoder: BodyDecoder) -> None:
    """Where a body is not in chunks, none is found in it."""
    assert decoder.sole(b"4\r\nabcd\r\n") == b""
    assert decoder.feed(b"4\r\nabcd\r\n") == b"4\r\nabcd\r\n"
