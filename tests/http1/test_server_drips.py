"""Bytes that drip in: what is kept of them is counted, and each of them is little work."""

from __future__ import annotations

import pytest

from tests.http1.play import calls_made, opened, status


@pytest.mark.parametrize("body", [b"Content-Length: 9\r\n\r\n" + b"abc", b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc"])
def test_what_is_kept_of_a_body_is_counted(body: bytes) -> None:
    """The bytes of a body count from its head on until it is whole, or given up."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\n" + body
    connection = opened(head)
    assert connection.body_bytes == 3
    connection.receive(b"de", 0.0)
    assert connection.body_bytes == 5
    connection.receive(b"fghi\r\n0\r\n\r\n", 0.0)
    assert connection.body_bytes == 0
    connection = opened(head)
    assert status(connection.expire(100.0)) == [408]
    assert connection.body_bytes == 0


@pytest.mark.parametrize(
    ("before", "most"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: a", 10),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\na", 12),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n90\r\na", 12),
    ],
)
def test_a_dripped_byte_is_little_work(before: bytes, most: int) -> None:
    """A byte that ends nothing makes few calls: thousands of callers may drip at once."""
    connection = opened(before)
    connection.receive(b"a", 0.0)
    assert calls_made(lambda: connection.receive(b"a", 0.0)) <= most


def test_small_pieces_are_put_together_in_parts() -> None:
    """No part that small pieces are put into grows much beyond 64 KiB: growing copies it."""
    connection = opened(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n")
    for _ in range(290):
        connection.receive(b"a" * 1000, 0.0)
    sizes = [len(piece) for piece in connection._pieces]
    assert sum(sizes) == 290_000
    assert max(sizes) < 70_000
