"""One connection to an upstream: what is written, what is understood, and when it may be used again."""

from __future__ import annotations

import pytest

from plano.http1.client import ClientConnection
from plano.http1.events import AnswerEnded, AnswerStarted, BodyPiece, Broken, ClientEvent
from plano.http1.limits import Limits
from tests.http1.play import names

HOST = (("host", "api.example"),)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def asked(connection: ClientConnection | None = None) -> ClientConnection:
    """A connection that waits for the answer to a GET."""
    connection = connection or ClientConnection(Limits())
    connection.request_head("GET", "/", HOST, body_size=0)
    return connection


def test_request_bytes() -> None:
    """The head is written as given, and the length added."""
    connection = ClientConnection(Limits())
    head = connection.request_head("POST", "/v1/x?y", (*HOST, ("Accept", "a")), body_size=12)
    assert head == b"POST /v1/x?y HTTP/1.1\r\nhost: api.example\r\nAccept: a\r\ncontent-length: 12\r\n\r\n"


@pytest.mark.parametrize(("method", "size", "has_length"), [("GET", 0, False), ("POST", 0, True), ("GET", 1, True)])
def test_length_of_nothing(method: str, size: int, has_length: bool) -> None:
    """RFC 9110 §8.6: a POST says that its body is empty, a GET need not."""
    head = ClientConnection(Limits()).request_head(method, "/", HOST, body_size=size)
    assert (b"content-length" in head) is has_length


@pytest.mark.parametrize(
    ("method", "target", "fields"),
    [
        ("GET", "/", ()),
        ("GET", "/", (*HOST, ("Host", "y"))),
        ("GET", "/a b", HOST),
        ("GET", "/a\r\nX: y", HOST),
        ("GET", "/é", HOST),
        ("G T", "/", HOST),
        ("", "/", HOST),
        ("GET", "", HOST),
        ("GET", "/", (*HOST, ("x", "a\r\nb: c"))),
        ("GET", "/", (*HOST, ("x", "a\x00"))),
        ("GET", "/", (*HOST, ("x y", "a"))),
        ("GET", "/", (*HOST, ("Content-Length", "3"))),
        ("GET", "/", (*HOST, ("transfer-encoding", "chunked"))),
        ("GET", "/", (*HOST, ("Connection", "close"))),
        ("GET", "/", (*HOST, ("expect", "100-continue"))),
    ],
)
def test_what_cannot_be_written_is_not(method: str, target: str, fields: tuple[tuple[str, str], ...]) -> None:
    """A configured name, path or key with a line end never reaches an upstream; the connection stays free."""
    connection = ClientConnection(Limits())
    with pytest.raises(ValueError):
        connection.request_head(method, target, fields, body_size=0)
    assert connection.is_reusable
    assert connection.requests == 0


def test_conversation() -> None:
    """Request, answer, request, answer on one connection."""
    connection = asked()
    assert not connection.is_reusable
    assert not connection.has_heard
    started, *rest = connection.receive(OK)
    assert isinstance(started, AnswerStarted)
    assert started.head.status == 200
    assert rest == [BodyPiece(b"ok"), AnswerEnded()]
    assert connection.is_reusable
    assert connection.has_heard
    asked(connection)
    assert not connection.has_heard
    assert names(connection.receive(OK)) == ["AnswerStarted", "BodyPiece", "AnswerEnded"]
    assert connection.requests == 2


def test_interim_answers_are_counted_per_request() -> None:
    """A long-lived connection may bring any number of interim answers, only not to one request."""
    connection = ClientConnection(Limits(interim_answers=2))
    for _ in range(3):
        asked(connection)
        assert names(connection.receive(b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + OK))[0] == "AnswerStarted"


def test_one_at_a_time() -> None:
    """There is no pipelining to upstreams: a busy connection takes no request."""
    connection = asked()
    with pytest.raises(RuntimeError):
        asked(connection)


def test_bytes_while_idle() -> None:
    """Bytes that nobody asked for cannot become the answer to the next request."""
    connection = ClientConnection(Limits())
    assert connection.receive(OK) == []
    assert not connection.is_reusable
    with pytest.raises(RuntimeError):
        asked(connection)


def test_answer_before_the_upload_ended() -> None:
    """A final answer to half a request is delivered, and the connection not used again."""
    connection = ClientConnection(Limits())
    connection.request_head("POST", "/", HOST, body_size=9)
    assert names(connection.receive(OK)) == ["AnswerStarted", "BodyPiece", "AnswerEnded"]
    connection.uploaded()
    assert not connection.is_reusable


def test_upload_that_ended() -> None:
    """Once the request is handed over, the connection can be used again after the answer."""
    connection = ClientConnection(Limits())
    connection.request_head("POST", "/", HOST, body_size=9)
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
    connection = ClientConnection(Limits(answer_body_bytes=2, answer_stream_bytes=3))
    connection.request_head("GET", "/", HOST, body_size=0, is_stream=is_stream)
    assert names(connection.receive(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc"))[1] == kind


def test_too_large_until_close() -> None:
    """A body without declared end is counted."""
    connection = ClientConnection(Limits(answer_body_bytes=2))
    connection.request_head("GET", "/", HOST, body_size=0)
    events = connection.receive(b"HTTP/1.1 200 OK\r\n\r\nabc")
    assert names(events) == ["AnswerStarted", "BodyPiece", "Broken"]
    assert events[-1] == Broken("too_large", "the body is larger than 2 bytes")


def test_repr() -> None:
    """The state can be quoted."""
    assert repr(asked()) == "<ClientConnection reading=head requests=1 keep_alive=True>"
