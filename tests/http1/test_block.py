"""Blocks: one verdict however the bytes were split, and work in proportion to the bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.http1.block import BlockReader
from plano.http1.grammar import ILLEGAL
from plano.http1.violation import Violation
from tests.http1.play import calls_made, pieces

SOUP = st.lists(st.sampled_from([b"\r\n", b"\r\n\r\n", b"\r", b"\n", b"a", b"b: c", b"\x00", b" "]), max_size=12)


def outcome(reads: list[bytes], *, skips: bool = False, limit: int = 24, dripping: bool = False) -> tuple[object, ...]:
    """The first block and all the bytes after it, or the kind of the violation, or nothing yet."""
    reader = BlockReader(limit, check_first_line=_check_line, skips_empty_line=skips)
    try:
        for at, data in enumerate(reads):
            if dripping and reader.takes(data):
                continue
            found = reader.feed(data)
            if found is not None:
                block, rest = found
                _judge(block)
                return block, rest + b"".join(reads[at + 1 :])
    except Violation as violation:
        return (violation.kind,)
    return ()


def _check_line(line: str) -> None:
    if ILLEGAL.search(line.encode("latin-1")):
        raise Violation("syntax", "bytes")
    if line == "\r\n":
        raise Violation("version", "empty")


def _judge(block: bytes) -> None:
    """What a parser does with a whole block: the first line, then the bytes."""
    first, end, _ = block.partition(b"\n")
    _check_line((first + end).decode("latin-1"))
    if ILLEGAL.search(block):
        raise Violation("syntax", "bytes")


def test_block_and_rest() -> None:
    """A block ends with its last line end; the blank line is nobody's; what follows is handed back."""
    assert BlockReader(99).feed(b"a\r\nb\r\n\r\nrest") == (b"a\r\nb\r\n", b"rest")


def test_next_block() -> None:
    """A reader reads block after block, and knows when it holds nothing."""
    reader = BlockReader(99)
    assert reader.feed(b"a\r\n") is None
    assert not reader.is_empty
    assert reader.feed(b"\r\n") == (b"a\r\n", b"")
    assert reader.is_empty
    assert reader.feed(b"b\r\n\r\n") == (b"b\r\n", b"")


@pytest.mark.parametrize("size", [8, 9])
def test_limit_counts_the_blank_line(size: int) -> None:
    """A block of exactly the limit passes, one byte more does not, in one read or in many."""
    data = b"x" * (size - 4) + b"\r\n\r\n"
    expected = (b"xxxx\r\n", b"") if size == 8 else ("head_size",)
    assert outcome([data], limit=8) == expected
    assert outcome([data[at : at + 1] for at in range(size)], limit=8) == expected


def test_first_line_without_end() -> None:
    """When not even the first line ends within the limit, it is the target that is too long."""
    assert outcome([b"x" * 8], limit=8) == ("target_size",)
    assert outcome([b"x" * 7], limit=8) == ()


def test_empty_line_is_skipped_once() -> None:
    """One empty line before each block is nothing; a second one is the first line."""
    assert outcome([b"\r\na\r\n\r\n"], skips=True) == (b"a\r\n", b"")
    assert outcome([b"\r", b"\n", b"a\r\n\r\n"], skips=True) == (b"a\r\n", b"")
    assert outcome([b"\r\n\r\na\r\n\r\n"], skips=True) == ("version",)
    assert outcome([b"\r\na\r\n\r\n"]) == ("version",)


@given(soup=SOUP, skips=st.booleans(), cuts=st.sets(st.integers(1, 40)))
def test_splits_change_nothing(soup: list[bytes], skips: bool, cuts: set[int]) -> None:
    """Over all kinds of line-end soup, any split gives the outcome of one read or says it sooner, never another."""
    data = b"".join(soup)
    reads = pieces(data, (cut for cut in cuts if cut < len(data)))
    bytewise = outcome([data[at : at + 1] for at in range(len(data))], skips=skips)
    assert outcome([data] if data else [], skips=skips) == bytewise
    assert outcome(reads, skips=skips) == bytewise


@given(soup=SOUP, skips=st.booleans(), cuts=st.sets(st.integers(1, 40)))
def test_what_is_taken_changes_nothing(soup: list[bytes], skips: bool, cuts: set[int]) -> None:
    """A read that is taken as more of a line would have found nothing, whatever comes before and behind it."""
    data = b"".join(soup)
    for reads in (pieces(data, (cut for cut in cuts if cut < len(data))), [bytes([each]) for each in data]):
        assert outcome(reads, skips=skips, dripping=True) == outcome(reads, skips=skips)


@pytest.mark.parametrize(
    ("before", "data", "is_taken"),
    [
        (b"", b"a", False),
        (b"a", b"b", False),
        (b"ab", b"c", True),
        (b"ab", b"c d: \xe9", True),
        (b"ab\r", b"c", False),
        (b"ab\r\n", b"c", False),
        (b"ab\r\nc", b"d", True),
        (b"ab", b"\r", False),
        (b"ab", b"c\n", False),
        (b"ab", b"\x00", False),
        (b"ab", b"\x7f", False),
        (b"x" * 21, b"yy", True),
        (b"x" * 21, b"yyy", False),
    ],
)
def test_what_is_taken(before: bytes, data: bytes, is_taken: bool) -> None:
    """Bytes that can be shown, in a line that has begun, short of the limit; they are in the block that comes of it."""
    reader = BlockReader(24)
    assert not before or reader.feed(before) is None
    assert reader.takes(data) is is_taken
    if is_taken and len(before) < 20:
        assert reader.feed(b"\r\n\r\n") == (before + data + b"\r\n", b"")


def test_a_dripped_byte_is_little_work() -> None:
    """A byte within a line makes fewer than eight calls."""
    reader = BlockReader(1024)
    assert reader.feed(b"GET / HTTP/1.1\r\nx: y") is None
    assert calls_made(lambda: reader.takes(b"a")) < 8


@pytest.mark.parametrize("line", [b"x: y\r\n", b"x" * 512 + b": y\r\n"])
def test_twice_the_bytes_at_most_twice_the_calls(line: bytes) -> None:
    """Byte by byte, a head of twice the size makes at most 2.5 times the calls, and keeps nothing but itself."""

    def work(size: int) -> int:
        reader = BlockReader(size + 10)
        data = b"a\r\n" + line * (size // len(line))
        return calls_made(lambda: [reader.feed(data[at : at + 1]) for at in range(len(data))])

    assert work(8192) <= 2.5 * work(4096)
