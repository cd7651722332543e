"""Answers: bytes that their caller reads as one answer, no shorter and no longer."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from plano.http1.answer import AnswerWriter, field_writer
from plano.http1.head import Framing, RequestHeads
from plano.http1.limits import Limits
from tests.http1.play import DATE

RENAMED = {413, 414, 422}
"""RFC 9110 gave these new phrases; older standard libraries still have the old ones."""


class Answer(AnswerWriter):
    """An answer to the request of these lines, which may keep its connection when the caller wants to."""

    def __init__(self, line: bytes = b"GET / HTTP/1.1", *lines: bytes) -> None:
        block = b"".join(part + b"\r\n" for part in (line, b"Host: x", *lines))
        self.request = RequestHeads(Limits()).parse(block)
        super().__init__(self.request, field_writer())

    def begin(self, status: int, fields: tuple[tuple[str, str], ...] = (), *, framing: Framing = 0) -> bytes:
        return self.head(status, fields, framing=framing, date=DATE, keep_alive=self.request.keep_alive)


def test_bytes() -> None:
    """Status line, date, the given fields, the length, a blank line, the body."""
    answer = Answer()
    written = answer.begin(200, (("content-type", "text/plain"),), framing=5)
    assert written + answer.piece(b"hel") + answer.piece(b"lo") + answer.end() == (
        b"HTTP/1.1 200 OK\r\ndate: Sun, 22 Nov 2026 10:00:00 GMT\r\n"
        b"content-type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
    )


def test_unknown_status() -> None:
    """A status without a phrase is written without one, its space kept."""
    assert Answer().begin(599, framing=0).startswith(b"HTTP/1.1 599 \r\n")


@pytest.mark.parametrize("status", [status for status in HTTPStatus if status not in RENAMED])
def test_reason_phrase(status: HTTPStatus) -> None:
    """A phrase is the registered one, or left out."""
    line = Answer().begin(status.value).partition(b"\r\n")[0].decode()
    assert line in {f"HTTP/1.1 {status.value} {status.phrase}", f"HTTP/1.1 {status.value} "}


@pytest.mark.parametrize(
    ("line", "status", "framing", "expected"),
    [
        (b"GET / HTTP/1.1", 200, 2, b"content-length: 2\r\n\r\n|ok|"),
        (b"GET / HTTP/1.1", 200, "chunked", b"transfer-encoding: chunked\r\n\r\n|2\r\nok\r\n|0\r\n\r\n"),
        (b"GET / HTTP/1.1", 200, "until_close", b"connection: close\r\n\r\n|ok|"),
        (b"GET / HTTP/1.0", 200, "chunked", b"connection: close\r\n\r\n|ok|"),
        (b"GET / HTTP/1.0", 200, 2, b"content-length: 2\r\nconnection: close\r\n\r\n|ok|"),
        (b"HEAD / HTTP/1.1", 200, 2, b"content-length: 2\r\n\r\n||"),
        (b"HEAD / HTTP/1.1", 200, "chunked", b"transfer-encoding: chunked\r\n\r\n||"),
        (b"GET / HTTP/1.1", 204, 2, b"\r\n||"),
        (b"GET / HTTP/1.1", 304, "chunked", b"\r\n||"),
    ],
)
def test_framing(line: bytes, status: int, framing: Framing, expected: bytes) -> None:
    """RFC 9112 §6.3: what each caller understands, and no body where none may be."""
    answer = Answer(line)
    parts = [answer.begin(status, (), framing=framing), answer.piece(b"ok"), answer.end()]
    assert b"|".join(parts).partition(b"GMT\r\n")[2] == expected
    assert answer.keep_alive is (b"connection: close" not in expected)


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1", b"GET / HTTP/1.0", b"HEAD / HTTP/1.1"])
@pytest.mark.parametrize("status", [200, 204, 304, 500])
@pytest.mark.parametrize("body", [b"", b"ok"])
def test_whole_is_head_piece_and_end(line: bytes, status: int, body: bytes) -> None:
    """An answer in one is, byte for byte, the answer in parts; nothing can be added to it."""
    parts, whole = Answer(line), Answer(line)
    keep_alive = whole.request.keep_alive
    written = whole.whole(status, (("a", "b"),), body, date=DATE, keep_alive=keep_alive)
    assert written == parts.begin(status, (("a", "b"),), framing=len(body)) + parts.piece(body) + parts.end()
    assert (whole.state, whole.keep_alive) == (parts.state, parts.keep_alive)
    with pytest.raises(RuntimeError):
        whole.piece(b"x")
    with pytest.raises(RuntimeError):
        whole.end()


def test_old_caller_that_asks_is_kept() -> None:
    """HTTP/1.0 with keep-alive hears that it was granted; in chunks it cannot be."""
    asks = b"Connection: keep-alive"
    assert b"connection: keep-alive\r\n" in Answer(b"GET / HTTP/1.0", asks).begin(200, framing=0)
    assert b"connection: close\r\n" in Answer(b"GET / HTTP/1.0", asks).begin(200, framing="chunked")


def test_to_nobody_in_particular() -> None:
    """A request that was not understood is answered as HTTP/1.1, with a body."""
    answer = AnswerWriter(None, field_writer())
    head = answer.head(400, (), framing=2, date=DATE, keep_alive=False)
    assert head.endswith(b"content-length: 2\r\nconnection: close\r\n\r\n")
    assert answer.piece(b"no") == b"no"


def test_empty_pieces_are_nothing() -> None:
    """An empty piece is not the last chunk."""
    answer = Answer()
    answer.begin(200, framing="chunked")
    assert answer.piece(b"") == b""


def test_large_pieces_are_not_copied() -> None:
    """A piece that needs no framing is handed on as the same object."""
    body = bytes(100_000)
    answer = Answer()
    answer.begin(200, framing=len(body))
    assert answer.piece(body) is body


@pytest.mark.parametrize("body", [b"o", b"okk"])
def test_declared_length_is_kept(body: bytes) -> None:
    """Fewer or more bytes than declared are a bug, and found as one."""
    answer = Answer()
    answer.begin(200, framing=2)
    with pytest.raises(RuntimeError):
        _ = answer.piece(body) + answer.end()


@pytest.mark.parametrize("name", ["Content-Length", "connection", "transfer-encoding", "date"])
def test_framing_fields_are_set_here(name: str) -> None:
    """Nobody declares a length twice."""
    with pytest.raises(ValueError, match="is not set here"):
        Answer().begin(200, ((name, "1"),), framing=0)


def test_nothing_is_smuggled_into_an_answer() -> None:
    """An upstream's value with a line end is never written, and the answer not begun: another can be sent."""
    answer = Answer()
    with pytest.raises(ValueError, match="may not stand there"):
        answer.begin(200, (("x", "a\r\nset-cookie: b"),), framing=0)
    with pytest.raises(ValueError, match="may not stand there"):
        answer.whole(200, (("x", "a\r\nset-cookie: b"),), b"", date=DATE, keep_alive=True)
    assert answer.state == "none"


def test_order() -> None:
    """Nothing before the head, nothing after the end."""
    answer = Answer()
    with pytest.raises(RuntimeError):
        answer.piece(b"x")
    with pytest.raises(RuntimeError):
        answer.end()
    answer.begin(200, framing=0)
    answer.end()
    with pytest.raises(RuntimeError):
        answer.piece(b"")
