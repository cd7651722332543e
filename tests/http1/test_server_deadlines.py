"""The deadlines of a caller's connection, under a clock that the test turns by hand."""

from __future__ import annotations

from plano.http1.events import Close, Linger, Rejected
from tests.http1.play import answer, opened, status
from tests.http1.vectors import get, post


def test_new_connection_without_a_byte() -> None:
    """Ten seconds to the first byte, then the connection is closed without a word."""
    connection = opened()
    assert connection.deadline() == 10.0
    assert connection.expire(9.9) == []
    assert connection.expire(10.0) == [Close()]


def test_an_empty_line_is_no_beginning() -> None:
    """Line ends keep no connection open, and are no head that could be late."""
    connection = opened(b"\r\n")
    assert connection.deadline() == 10.0
    assert connection.is_idle
    assert connection.expire(10.0) == [Close()]


def test_head_drip() -> None:
    """Ten seconds from the first byte of a head to its last, however diligently it drips."""
    connection = opened()
    connection.receive(b"G", 3.0)
    for second in range(4, 13):
        assert connection.receive(b"E", float(second)) == []
        assert connection.deadline() == 13.0
    assert status(connection.expire(13.0)) == [408]
    assert answer(connection, 13.0) == [Linger()]


def test_idle_too_long() -> None:
    """A minute between requests."""
    connection = opened(get())
    assert connection.deadline() is None
    answer(connection, now=100.0)
    assert connection.deadline() == 160.0
    assert connection.expire(160.0) == [Close()]


def test_pipelined_head_has_its_time() -> None:
    """Half a head that waited for an earlier answer has ten seconds from that answer on."""
    connection = opened(get() + b"GET /b")
    assert answer(connection, now=50.0) == []
    assert connection.deadline() == 60.0
    assert not connection.is_idle
    assert status(connection.expire(60.0)) == [408]


def test_body_without_a_byte() -> None:
    """Five seconds of grace, then the body is late."""
    connection = opened(post(b"Content-Length: 9999"))
    assert connection.deadline() == 5.0
    (event,) = connection.expire(5.0)
    assert isinstance(event, Rejected)
    assert (event.status, event.head is not None) == (408, True)


def test_body_at_the_rate() -> None:
    """A body of 1 KiB per second is never late; each byte less brings the end nearer."""
    connection = opened(post(b"Content-Length: 999999"))
    for second in range(1, 100):
        connection.receive(bytes(1024), float(second))
        assert connection.deadline() == second + 5.0
    connection.receive(bytes(512), 100.0)
    assert connection.deadline() == 104.5


def test_body_drip() -> None:
    """One byte per second does not buy a second."""
    connection = opened(post(b"Content-Length: 999999"))
    for second in range(1, 6):
        assert connection.receive(b"x", float(second)) == []
    assert status(connection.expire(5.01)) == [408]


def test_a_quick_start_pays_for_30_seconds_only() -> None:
    """10 MiB at once do not keep a silent caller for three hours."""
    connection = opened(post(b"Content-Length: 20971520"), bytes(10 * 1024 * 1024))
    assert connection.deadline() == 30.0


def test_chunk_lines_are_no_body() -> None:
    """Framing without payload does not count as progress."""
    connection = opened(post(b"Transfer-Encoding: chunked"))
    connection.receive(b"ffff;" + b"x" * 200, 1.0)
    assert connection.deadline() == 5.0


def test_no_deadline_while_answering() -> None:
    """How long an answer takes is not the caller's fault."""
    connection = opened(post(b"Content-Length: 1", body=b"z"))
    assert connection.deadline() is None
    assert connection.expire(1e9) == []


def test_caller_not_reading() -> None:
    """Sixty seconds without progress, then the connection is aborted; progress starts them anew."""
    connection = opened(get())
    connection.write_paused(10.0)
    assert connection.deadline() == 70.0
    connection.write_paused(40.0)
    assert connection.expire(99.0) == []
    assert connection.expire(100.0) == [Close(is_clean=False)]


def test_caller_reading_again() -> None:
    """A caller that reads on has no deadline."""
    connection = opened(get())
    connection.write_paused(10.0)
    connection.write_resumed()
    assert connection.deadline() is None


def test_the_earlier_deadline_counts() -> None:
    """With an unread answer and an idle connection, the sooner of the two ends it."""
    connection = opened(get())
    connection.write_paused(10.0)
    answer(connection, now=10.0)
    assert connection.deadline() == 70.0
    answer_late = opened(get())
    answer_late.write_paused(10.0)
    answer(answer_late, now=0.0)
    assert answer_late.deadline() == 60.0
    assert answer_late.expire(60.0) == [Close()]
