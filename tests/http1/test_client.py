"""One connection to an upstream: what is written, what is understood, and when it may be used again."""

from __future__ import annotations

import pytest

from plano.http1.client import ClientConnection
from plano.http1.events import AnswerEnded, AnswerStarted, AnswerWhole, BodyPiece, Broken, ClientEvent
from plano.http1.head import ResponseHeads
from plano.http1.limits import Limits
from plano.http1.request import RequestTemplate
from tests.http1.play import names

HOST = (("host", "api.example"),)
GET, POST, HEAD = (RequestTemplate(method, "/", HOST) for method in ("GET", "POST", "HEAD"))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def asked(connection: ClientConnection | None = None) -> ClientConnection:
    """A connection that waits for the answer to a GET."""
    connection = connection or ClientConnection(ResponseHeads(Limits()))
    connection.request_head(GET, (), body_size=0)
    return connection


def test_request_bytes() -> None:
    """The head is the template's, with the fields of this request."""
    connection = ClientConnection(ResponseHeads(Limits()))
    template = RequestTemplate("POST", "/v1/x?y", HOST)
    head = connection.request_head(template, (("Accept", "a"),), body_size=12)
    assert head == b"POST /v1/x?y HTTP/1.1\r\nhost: api.example\r\nAccept: a\r\ncontent-length: 12\r\n\r\n"


@pytest.mark.parametrize("field", [("x", "a\r\nb: c"), ("host", "y"), ("Content-Length", "3"), ("x y", "a")])
def test_what_cannot_be_written_is_not(field: tuple[str, str]) -> None:
    """A field with a line end, or that says whom or how long, never reaches an upstream; the connection stays free."""
    connection = ClientConnection(ResponseHeads(Limits()))
    with pytest.raises(ValueError):
        connection.request_head(GET, (field,), body_size=0)
    assert connection.is_reusable
    assert connection.requests == 0


def test_conversation() -> None:
    """Request, answer, request, answer on one connection."""
    connection = asked()
    assert not connection.is_reusable
    assert not connection.has_heard
    (whole,) = connection.receive(OK)
    assert isinstance(whole, AnswerWhole)
    assert (whole.head.status, whole.body) == (200, b"ok")
    assert connection.is_reusable
    assert connection.has_heard
    asked(connection)
    assert not connection.has_heard
    started, *rest = connection.receive(OK[:-1]) + connection.receive(OK[-1:])
    assert isinstance(started, AnswerStarted)
    assert (started.head, rest) == (whole.head, [BodyPiece(b"o"), BodyPiece(b"k"), AnswerEnded()])
    assert connection.is_reusable
    assert connection.requests == 2


@pytest.mark.parametrize("end", [b"0\r\n\r\n", b"x"])
def test_no_piece_of_a_body_that_is_over(end: bytes) -> None:
    """A chunk is a piece of a body while one is read, and not before, nor after its end or a fault."""
    connection, chunk = asked(), b"1\r\na\r\n"
    assert connection.sole_piece(chunk) == b""
    connection.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert connection.sole_piece(chunk) == b"a"
    connection.receive(end)
    assert connection.sole_piece(chunk) == b""


def test_whole_in_one_read() -> None:
    """What is whole in one read is one event where a length was declared, or where there can be no body."""
    no_content = b"HTTP/1.1 204 No Content\r\n\r\n"
    for data, body in ((OK, b"ok"), (no_content, b""), (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"ok")):
        connection = asked()
        (event,) = connection.receive(data)
        assert isinstance(event, AnswerWhole)
        assert event.body == body
        assert connection.is_reusable
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    assert names(asked().receive(chunks)) == ["AnswerStarted", "BodyPiece", "AnswerEnded"]


@pytest.mark.parametrize("data", [OK[:-2], OK])
def test_an_answer_to_head_has_no_body(data: bytes) -> None:
    """Whatever length it declares; bytes after it cost the connection."""
    connection = ClientConnection(ResponseHeads(Limits()))
    connection.request_head(HEAD, (), body_size=0)
    assert names(connection.receive(data)) == (["AnswerWhole"] if data != OK else ["AnswerStarted", "AnswerEnded"])
    assert connection.is_reusable is (data != OK)


def test_one_byte_too_many() -> None:
    """Bytes after a whole answer belong to nothing: it is delivered, and the connection not used again."""
    connection = asked()
    assert names(connection.receive(OK + b"x")) == ["AnswerStarted", "BodyPiece", "AnswerEnded"]
    assert not connection.is_reusable


def test_whole_and_over_the_limit() -> None:
    """A limit holds also for what came in one read."""
    connection = ClientConnection(ResponseHeads(Limits(answer_body_bytes=1)))
    connection.request_head(GET, (), body_size=0)
    assert names(connection.receive(OK)) == ["AnswerStarted", "Broken"]


def test_interim_answers_are_counted_per_request() -> None:
    """A long-lived connection may bring any number of interim answers, only not to one request."""
    connection = ClientConnection(ResponseHeads(Limits(interim_answers=2)))
    for _ in range(3):
        asked(connection)
        assert names(connection.receive(b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + OK)) == ["AnswerWhole"]


def test_one_at_a_time() -> None:
    """There is no pipelining to upstreams: a busy connection takes no request."""
    connection = asked()
    with pytest.raises(RuntimeError):
        asked(connection)


def test_bytes_while_idle() -> None:
    """Bytes that nobody asked for cannot become the answer to the next request."""
    connection = ClientConnection(ResponseHeads(Limits()))
    assert connection.receive(OK) == []
    assert not connection.is_reusable
    with pytest.raises(RuntimeError):
        asked(connection)


def test_answer_before_the_upload_ended() -> None:
    """A final answer to half a request is delivered, and the connection not used again."""
    connection = ClientConnection(ResponseHeads(Limits()))
    connection.request_head(POST, (), body_size=9)
    assert names(connection.receive(OK)) == ["AnswerWhole"]
    connection.uploaded()
    assert not connection.is_reusable


def test_upload_that_ended() -> None:
    """Once the request is handed over, the connection can be used again after the answer."""
    connection = ClientConnection(ResponseHeads(Limits()))
    connection.request_head(POST, (), body_size=9)
    connection.uploaded()
    connection.receive(OK)
    assert connection.is_reusable


@pytest.mark.parametrize(
    ("data", "is_reset", "expected"),
    [
        (b"", False, Broken("reset", "closed before a whole head of an answer")),
        (b"HTTP/1.1 200", True, Broken("reset", "closed before a whole head of an answer")),
        (OK[:-1], False, Broken("truncated", "closed before the end of the body")),
        (b"HTTP/1.1 200 OK\r\n\r\nabc", False, AnswerEnded()),
        (b"HTTP/1.1 200 OK\r\n\r\nabc", True, Broken("truncated", "closed before the end of the body")),
    ],
)
def test_closing(data: bytes, is_reset: bool, expected: ClientEvent) -> None:
    """A cut is never an end: only a body without declared end may end with the connection, and not by a reset."""
    connection = asked()
    if data:
        connection.receive(data)
    assert connection.peer_closed(is_reset=is_reset) == [expected]
    assert connection.peer_closed() == []
    assert not connection.is_reusable


def test_closing_while_idle() -> None:
    """An idle connection that closes says nothing, and is not used again."""
    connection = asked()
    connection.receive(OK)
    assert connection.peer_closed() == []
    assert not connection.is_reusable


def test_nothing_after_broken() -> None:
    """After Broken the connection is deaf."""
    connection = asked()
    assert names(connection.receive(b"nonsense\r\n")) == ["Broken"]
    assert connection.receive(OK) == []
    assert connection.peer_closed() == []


@pytest.mark.parametrize(("is_stream", "kind"), [(False, "Broken"), (True, "BodyPiece")])
def test_streams_may_be_larger(is_stream: bool, kind: str) -> None:
    """The limit of a stream is its own."""
    connection = ClientConnection(ResponseHeads(Limits(answer_body_bytes=2, answer_stream_bytes=3)))
    connection.request_head(GET, (), body_size=0, is_stream=is_stream)
    assert names(connection.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc"))[1] == kind


def test_too_large_until_close() -> None:
    """A body without declared end is counted."""
    connection = ClientConnection(ResponseHeads(Limits(answer_body_bytes=2)))
    connection.request_head(GET, (), body_size=0)
    events = connection.receive(b"HTTP/1.1 200 OK\r\n\r\nabc")
    assert names(events) == ["AnswerStarted", "BodyPiece", "Broken"]
    assert events[-1] == Broken("too_large", "the body is larger than 2 bytes")


def test_repr() -> None:
    """The state can be quoted."""
    assert repr(asked()) == "<ClientConnection reading=head requests=1 keep_alive=True>"
