"""Heads that repeat on a connection mean what they would mean alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.http1.head import RequestHead, RequestHeads, ResponseHeads
from plano.http1.limits import Limits
from plano.http1.repeated import RepeatedHeads
from plano.http1.violation import Violation, ViolationKind

HEADS = RequestHeads(Limits())

LENGTHS = st.sampled_from(
    ["5", "6", "0", "007", "19999", "9" * 19, "9" * 20, "-1", "+1", "1 ", " 1", "1,1", "", "١", "0x1"]
)
NAMES = st.sampled_from(["Content-Length: ", "content-length:", "CONTENT-LENGTH:\t ", "Content_Length: ", "X-Length: "])
BEHIND = st.sampled_from(
    ["", "x-a: 1\r\n", "x-a: 1\r\n\r\n", "content-length: 5\r\n", "transfer-encoding: chunked\r\n", "\n"]
)
LINES = st.sampled_from(["POST / HTTP/1.1\r\n", "POST /content-length: HTTP/1.1\r\n", "GET / HTTP/1.0\r\n"])


def block(line: str, name: str, length: str, behind: str) -> bytes:
    """A head with a length somewhere in it."""
    return f"{line}host: x\r\n{name}{length}\r\n{behind}".encode()


def verdict(parse: RepeatedHeads[RequestHead] | RequestHeads, data: bytes) -> RequestHead | ViolationKind:
    """What a reader says."""
    try:
        return parse.parse(data)
    except Violation as violation:
        return violation.kind


@given(st.lists(st.builds(block, LINES, NAMES, LENGTHS, BEHIND), min_size=2, max_size=6))
def test_what_came_before_changes_nothing(blocks: list[bytes]) -> None:
    """Whatever heads a connection brought, the next one has the verdict that it would have as the first."""
    repeated = RepeatedHeads(HEADS)
    for each in blocks:
        assert verdict(repeated, each) == verdict(HEADS, each)


@pytest.mark.parametrize("length", ["1 ", "\t1", "1x", "+1", "", "9" * 20, "1\r\nx-b: 1"])
def test_a_length_that_is_not_plain_digits_is_read(length: str) -> None:
    """Behind a head that differs in its length alone: white space is allowed, and nothing else passes."""
    repeated = RepeatedHeads(HEADS)
    repeated.parse(block("POST / HTTP/1.1\r\n", "Content-Length: ", "5", "x-a: 1\r\n"))
    second = block("POST / HTTP/1.1\r\n", "Content-Length: ", length, "x-a: 1\r\n")
    assert verdict(repeated, second) == verdict(HEADS, second)


def test_a_repeated_head_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same lines, with the same or another length, are known again; any other line is read."""
    reads: list[bytes] = []
    heads = RequestHeads(Limits())

    def counting(self: RequestHeads, data: bytes) -> RequestHead:
        reads.append(data)
        return HEADS_PARSE(self, data)

    monkeypatch.setattr(RequestHeads, "parse", counting)
    repeated = RepeatedHeads(heads)
    first = block("POST / HTTP/1.1\r\n", "Content-Length: ", "5", "x-a: 1\r\n")
    known = repeated.parse(first)
    assert repeated.parse(first) is known
    longer = repeated.parse(first.replace(b": 5", b": 1234"))
    assert (longer.framing, longer.fields["x-a"]) == (1234, "1")
    assert longer.fields is known.fields
    assert len(reads) == 1
    repeated.parse(first.replace(b"x-a: 1", b"x-a: 2"))
    assert len(reads) == 2


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_a_status_without_a_body_has_none_whatever_length_repeats(status: str) -> None:
    """A head that differs in its length alone means what it would mean alone, whether keeping alive or closing."""
    heads, repeated = ResponseHeads(Limits()), RepeatedHeads(ResponseHeads(Limits()))
    for length in ("0", "5", "0", "6"):
        head = f"HTTP/1.1 {status}\r\nContent-Length: {length}\r\n".encode()
        assert repeated.parse(head) == heads.parse(head)


def test_answers_repeat_too() -> None:
    """With another length and the same fields, which are the same object."""
    repeated = RepeatedHeads(ResponseHeads(Limits()))
    first = repeated.parse(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nx-a: 1\r\n")
    second = repeated.parse(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nx-a: 1\r\n")
    assert (first.framing, second.framing) == (12, 7)
    assert second.fields is first.fields


HEADS_PARSE = RequestHeads.parse
