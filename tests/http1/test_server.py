"""One connection of a caller, as a conversation under a clock: what is said, what is written, and when it ends."""

from __future__ import annotations

from typing import get_args

import pytest

from plano import errors
from plano.http1.events import (
    Close,
    Linger,
    Rejected,
    RequestStarted,
    RequestWhole,
)
from plano.http1.limits import Limits
from plano.http1.server import _ANSWERS
from plano.http1.violation import ViolationKind
from tests.http1.play import DATE, LIMITS, answer, calls_made, names, opened, status
from tests.http1.vectors import chunked, get, post


def test_every_violation_has_an_answer() -> None:
    """The table is total, and its statuses and codes are those of the error tree."""
    tree = {(error.status, error.code) for error in errors.CallerError.__subclasses__()}
    tree.add((errors.CallerError.status, errors.CallerError.code))
    assert set(_ANSWERS) == set(get_args(ViolationKind))
    assert set(_ANSWERS.values()) <= tree


def test_refused_head() -> None:
    """A refused head is nobody's request."""
    (event,) = opened().receive(get(b"X : y"), 0.0)
    assert event == Rejected(400, "invalid_request", "white space between a field name and its colon")


def test_refused_body_names_its_request() -> None:
    """A declared body that is too large is refused before it is reported, with its head, for the dialect."""
    (event,) = opened().receive(post(b"Content-Length: 99999999"), 0.0)
    assert isinstance(event, Rejected)
    assert (event.status, event.code) == (413, "request_too_large")
    assert event.head is not None
    assert event.head.path == "/a"


def test_deaf_after_refusal() -> None:
    """Bytes after a refused request are never read as a request, before or after the answer."""
    connection = opened(b"nonsense\r\n\r\n")
    assert connection.receive(get(), 0.0) == []
    assert answer(connection) == [Linger()]
    assert connection.receive(get(), 0.0) == []
    assert connection.receive(get(), 0.0) == []


def test_linger_ends_by_time() -> None:
    """What still comes is dropped for two seconds, so that the answer is not lost to a reset."""
    connection = opened(b"nonsense\r\n\r\n")
    answer(connection, now=5.0)
    for at in (5.7, 6.5):
        assert connection.receive(b"x", at) == []
    assert connection.deadline() == 7.0
    assert connection.expire(7.0) == [Close()]
    assert connection.deadline() is None


@pytest.mark.parametrize("data", [b"nonsense\r\n\r\n", get(b"Connection: close")])
def test_linger_ends_in_silence(data: bytes) -> None:
    """Where nothing has come for a second nobody is sending any more."""
    connection = opened(data)
    answer(connection, now=5.0)
    assert connection.deadline() == 6.0
    connection.receive(b"x", 5.5)
    assert connection.deadline() == 6.5
    assert connection.expire(6.5) == [Close()]


def test_linger_ends_by_size() -> None:
    """No more than a mebibyte is dropped."""
    connection = opened(b"nonsense\r\n\r\n")
    connection.receive(bytes(LIMITS.linger_bytes), 0.0)
    assert answer(connection) == [Linger()]
    assert connection.receive(bytes(LIMITS.linger_bytes), 0.0) == []
    assert connection.receive(b"x", 0.0) == [Close()]


def test_linger_ends_with_the_caller() -> None:
    """A caller that has closed needs no more patience."""
    connection = opened(b"nonsense\r\n\r\n")
    answer(connection)
    assert connection.peer_closed() == [Close()]


def test_events_of_a_body() -> None:
    """The head, when the body is still to come; then nothing, until the request is whole."""
    connection = opened()
    (started,) = connection.receive(post(b"Content-Length: 6", body=b"ab"), 0.0)
    assert isinstance(started, RequestStarted)
    assert connection.receive(b"cd", 0.0) == []
    assert connection.receive(b"ef", 0.0) == [RequestWhole(started.head, b"abcdef")]


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (get(), b""),
        (post(b"Content-Length: 0"), b""),
        (post(b"Content-Length: 2", body=b"ab"), b"ab"),
        (post(b"Content-Length: 2", body=b"ab" + get()), b"ab"),
        (chunked(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n"), b"ab"),
        (chunked(b"0\r\n\r\n"), b""),
    ],
)
def test_one_read_one_event(data: bytes, body: bytes) -> None:
    """A request that is whole when its head is there is told once, however its body is framed."""
    (event,) = opened().receive(data, 0.0)
    assert isinstance(event, RequestWhole)
    assert event.body == body


@pytest.mark.parametrize("framing", [b"Content-Length: 4", b"Transfer-Encoding: chunked"])
def test_nothing_of_one_body_is_left_in_the_next(framing: bytes) -> None:
    """The second request on a connection has its own body, also after one that came in pieces."""
    connection = opened()
    for word in (b"abcd", b"efgh"):
        wire = word if b"Length" in framing else b"4\r\n" + word + b"\r\n0\r\n\r\n"
        connection.receive(post(framing), 0.0)
        events = [event for at in range(len(wire)) for event in connection.receive(wire[at : at + 1], 0.0)]
        assert [event.body for event in events if isinstance(event, RequestWhole)] == [word]
        answer(connection)


@pytest.mark.parametrize("body", [b"2\r\nab\r\nzz\r\n", b"zz\r\n"])
def test_a_body_refused_with_its_head_is_told_once(body: bytes) -> None:
    """A request that begins and is refused in one read is a refusal only, which names it."""
    (event,) = opened().receive(chunked(body), 0.0)
    assert isinstance(event, Rejected)
    assert event.head is not None


def test_half_a_body_is_not_kept_after_its_end_is_certain() -> None:
    """What arrived of a refused, given up or left body is let go of at once."""
    half = post(b"Content-Length: 9", body=b"abc")
    refused = opened(chunked(b"3\r\nabc\r\n"), b"zz\r\n")
    answered = opened(half)
    answered.answer(401, (), body=b"", date=DATE)
    left = opened(half)
    left.peer_closed()
    late = opened(half)
    late.expire(1e9)
    assert [connection._pieces for connection in (refused, answered, left, late)] == [[], [], [], []]


def test_interim() -> None:
    """100 Continue is written once, and only to a caller that waits for it."""
    connection = opened(post(b"Content-Length: 1", b"Expect: 100-continue"))
    assert connection.interim() == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert connection.interim() == b""


@pytest.mark.parametrize(
    "data",
    [
        post(b"Content-Length: 1"),
        post(b"Content-Length: 2", b"Expect: 100-continue", body=b"z"),
        post(b"Content-Length: 1", b"Expect: 100-continue", body=b"z"),
        post(b"Content-Length: 0", b"Expect: 100-continue"),
        post(b"Content-Length: 1", b"Expect: 100-continue", start=b"POST / HTTP/1.0"),
        b"",
    ],
)
def test_no_interim(data: bytes) -> None:
    """Not to one that does not ask, has begun, has no body, or speaks HTTP/1.0."""
    assert (opened(data) if data else opened()).interim() == b""


def test_early_answer() -> None:
    """An answer before the end of the body says that it closes, drops the rest, and lingers."""
    connection = opened(post(b"Content-Length: 9", body=b"abc"))
    assert b"connection: close\r\n" in connection.answer(401, (), body=b"", date=DATE)
    assert connection.receive(b"defghi" + get(), 0.0) == []
    assert connection.answered(0.0) == [Linger()]


def test_refusal_without_continue() -> None:
    """A caller that waits for 100 and is refused might still send the body: the connection cannot be kept."""
    connection = opened(post(b"Content-Length: 9", b"Expect: 100-continue"))
    assert b"connection: close\r\n" in connection.answer(413, (), body=b"", date=DATE)
    assert connection.interim() == b""


def test_body_limit_is_exact() -> None:
    """A body of exactly the limit passes, declared or in chunks."""
    limits = Limits(body_bytes=4)
    for data in (post(b"Content-Length: 4", body=b"abcd"), chunked(b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n")):
        assert names(opened(limits=limits).receive(data, 0.0)) == ["RequestWhole"]


@pytest.mark.parametrize("data", [post(b"Content-Length: 5", body=b"abcde"), chunked(b"5\r\nabcde\r\n0\r\n\r\n")])
def test_body_limit_holds_in_one_read(data: bytes) -> None:
    """One byte over the limit is refused also when all of it is here already."""
    assert status(opened(limits=Limits(body_bytes=4)).receive(data, 0.0)) == [413]


def test_pipelined_in_order() -> None:
    """The next request is not even parsed before the answer to this one is out."""
    connection = opened()
    assert names(connection.receive(get() + get(b"X : y"), 0.0)) == ["RequestWhole"]
    assert status(answer(connection)) == [400]


def test_pipelined_bytes_are_bounded() -> None:
    """From 64 KiB of waiting bytes on the edge is asked to stop reading, until they are taken."""
    connection = opened(get())
    connection.receive(bytes(65_535), 0.0)
    assert not connection.is_full
    connection.receive(b"\x00", 0.0)
    assert connection.is_full
    assert status(answer(connection)) == [400]
    assert not connection.is_full


@pytest.mark.parametrize(
    ("data", "is_plain"),
    [
        (b"", False),
        (b"POST", False),
        (post(b"Content-Length: 9"), True),
        (post(b"Transfer-Encoding: chunked"), False),
        (get(), True),
        (get(b"X : y"), True),
    ],
)
def test_what_is_read_plainly(data: bytes, is_plain: bool) -> None:
    """Heads and chunks are looked at byte by byte; sized bodies, what waits its turn and what is dropped are not."""
    assert opened(data).is_reading_plainly is is_plain


def test_pipelined_after_the_last_answer() -> None:
    """What waits behind the last answer of a connection is dropped, and keeps nobody from reading on to the end."""
    connection = opened(get(b"Connection: close"))
    connection.receive(bytes(70_000), 0.0)
    assert connection.is_full
    assert answer(connection) == [Linger()]
    assert not connection.is_full


def test_pipelined_a_thousand_times() -> None:
    """A thousand requests in one read are a thousand requests, in time that grows with their number."""

    def work(count: int) -> int:
        connection = opened()
        served = 0

        def serve() -> None:
            nonlocal served
            events = connection.receive(get() * count, 0.0)
            while events:
                served += 1
                events = answer(connection)

        made = calls_made(serve)
        assert served == count
        return made

    assert work(1000) <= 2.5 * work(500)


@pytest.mark.parametrize("data", [b"", b"GET /", get(), post(b"Content-Length: 9"), b"nonsense\r\n"])
def test_leaving_in_every_phase(data: bytes) -> None:
    """The caller's end ends the connection, whatever it was doing, and once."""
    connection = opened(data) if data else opened()
    assert connection.peer_closed() == [Close()]
    assert connection.peer_closed() == []
    assert connection.receive(get(), 0.0) == []
    assert connection.deadline() is None
    assert not connection.is_idle


def test_leaving_while_being_answered() -> None:
    """An answer that nobody awaits any more is aborted; finishing it is harmless."""
    connection = opened(get())
    connection.answer_head(200, (), framing="chunked", date=DATE)
    assert connection.peer_closed() == [Close(is_clean=False)]
    assert connection.answered(0.0) == []


def test_leaving_with_bytes_unread() -> None:
    """Nothing presses any more once the caller is gone."""
    connection = opened(get())
    connection.write_paused(0.0)
    connection.peer_closed()
    assert connection.deadline() is None


def test_what_is_idle() -> None:
    """Idle is what may be closed at any time: no request, no beginning of one."""
    connection = opened()
    assert connection.is_idle
    connection.receive(get(), 0.0)
    assert not connection.is_idle
    answer(connection)
    assert connection.is_idle


def test_repr() -> None:
    """The state can be quoted."""
    assert repr(opened(get())) == "<ServerConnection reading=whole answer=none keep_alive=True>"


def test_close_after_answer() -> None:
    """A draining gateway says that this answer is the last, and closes after it."""
    connection = opened(get())
    connection.close_after_answer()
    assert b"connection: close\r\n" in connection.answer(200, (), body=b"", date=DATE)
    assert connection.answered(0.0) == [Linger(is_whole=True)]


def test_close_after_a_begun_answer() -> None:
    """A connection can be given up while its answer runs."""
    connection = opened(get())
    connection.answer_head(200, (), framing="chunked", date=DATE)
    connection.close_after_answer()
    connection.end()
    assert connection.answered(0.0) == [Linger(is_whole=True)]


def test_answer_that_ends_with_the_connection() -> None:
    """An answer to HTTP/1.0 in pieces ends with the connection, whatever the caller asked for."""
    connection = opened(get(b"Connection: keep-alive", start=b"GET / HTTP/1.0"))
    connection.answer_head(200, (), framing="chunked", date=DATE)
    assert connection.piece(b"ok") == b"ok"
    assert connection.end() == b""
    assert connection.answered(0.0) == [Linger(is_whole=True)]


def test_cut_answer_is_aborted() -> None:
    """An answer without its end is never closed cleanly: it could pass for a whole one."""
    connection = opened(get(start=b"GET / HTTP/1.0"))
    connection.answer_head(200, (), framing="until_close", date=DATE)
    connection.piece(b"half")
    assert connection.answered(0.0) == [Close(is_clean=False)]
    assert connection.answered(0.0) == []


def test_answer_that_cannot_be_written() -> None:
    """Fields that are none cost the answer, not the connection: another one can be sent."""
    connection = opened(post(b"Content-Length: 1"))
    with pytest.raises(ValueError, match="may not stand there"):
        connection.answer(200, (("x", "\r\n"),), body=b"", date=DATE)
    assert names(connection.receive(b"z", 0.0)) == ["RequestWhole"]
    assert answer(connection) == []
    assert connection.is_idle


@pytest.mark.parametrize("data", [b"", b"GET /"])
def test_no_answer_without_request(data: bytes) -> None:
    """An answer to nobody is a bug, and found as one."""
    connection = opened(data) if data else opened()
    with pytest.raises(RuntimeError):
        connection.answer(200, (), body=b"", date=DATE)
    with pytest.raises(RuntimeError):
        connection.piece(b"x")
    with pytest.raises(RuntimeError):
        connection.answered(0.0)


def test_one_answer() -> None:
    """A request is answered once."""
    connection = opened(get())
    connection.answer(200, (), body=b"", date=DATE)
    with pytest.raises(RuntimeError):
        connection.answer(200, (), body=b"", date=DATE)
    connection.answered(0.0)
    with pytest.raises(RuntimeError):
        connection.answered(0.0)


def test_small_pieces_are_put_together() -> None:
    """A body in single bytes is the same body, and is not kept as an object for each byte."""
    connection = opened(post(b"Content-Length: 20000"))
    body = bytes(index % 251 for index in range(20_000))
    for place in range(19_999):
        assert connection.receive(body[place : place + 1], 0.0) == []
    assert len(connection._pieces) < 5
    (whole,) = connection.receive(body[-1:], 0.0)
    assert isinstance(whole, RequestWhole)
    assert whole.body == body


def test_pieces_of_all_sizes_keep_their_order() -> None:
    """Large ones between small ones."""
    parts = [b"a", b"b" * 5000, b"c", b"d", b"e" * 70_000, b"f" * 3000, b"g" * 4095] * 3
    body = b"".join(parts)
    connection = opened(post(b"Content-Length: %d" % len(body)))
    events = [event for part in parts for event in connection.receive(part, 0.0)]
    assert [event.body for event in events if isinstance(event, RequestWhole)] == [body]
