"""Reads of an upstream's answer that are large: others get their turn, and nothing is lost, mixed up or used again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from plano.http1.head import ResponseHeads
from plano.http1.limits import Limits
from plano.http1.request import RequestTemplate
from plano.upstream.connection import READ_AT_ONCE_BYTES, UpstreamConnection

TEMPLATE = RequestTemplate("POST", "/", (("host", "x"),))
SIZE = 20_000
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
TINY = CHUNKED + b"1\r\nx\r\n" * SIZE + b"0\r\n\r\n"
SIZED = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (10 * SIZE) + b"x" * (10 * SIZE)


class StagedTransport:
    """Says whether it is read from; pausing and resuming take turns. ``is_gone``: it was closed."""

    def __init__(self) -> None:
        self.is_read = True
        self.is_gone = False

    def write(self, _data: bytes) -> None:
        """At once."""

    def get_write_buffer_size(self) -> int:
        """Everything is taken."""
        return 0

    def is_closing(self) -> bool:
        """Is it?"""
        return self.is_gone

    def pause_reading(self) -> None:
        """Once."""
        assert self.is_read
        self.is_read = False

    def resume_reading(self) -> None:
        """Once."""
        assert not self.is_read
        self.is_read = True

    def abort(self) -> None:
        """Closes it."""
        self.is_gone = True


def asked() -> tuple[UpstreamConnection, StagedTransport, list[UpstreamConnection]]:
    """A connection that waits for an answer; the last holds it each time it is free again."""
    freed: list[UpstreamConnection] = []
    connection = UpstreamConnection(
        ResponseHeads(Limits()), asyncio.get_running_loop(), on_free=freed.append, on_lost=lambda _connection: None
    )
    transport = StagedTransport()
    connection.connection_made(transport)  # type: ignore[arg-type]
    connection.send(TEMPLATE, (), (b"{}",), is_stream=False)
    return connection, transport, freed


async def body_of(connection: UpstreamConnection, each: Callable[[], None] = lambda: None) -> bytes:
    """All of the answer; ``each``: called after every piece."""
    pieces = []
    await connection.head()
    while piece := await connection.piece():
        pieces.append(piece)
        each()
    return b"".join(pieces)


@pytest.mark.parametrize(("answer", "size"), [(TINY, SIZE), (SIZED, 10 * SIZE)])
@pytest.mark.parametrize("at", [0, 20, 100, 70_000])
async def test_whole_and_free_again(answer: bytes, size: int, at: int) -> None:
    """Whatever the reads, the answer is whole, and its connection serves the next request."""
    connection, transport, freed = asked()
    reading = asyncio.create_task(body_of(connection))
    for read in filter(None, (answer[:at], answer[at:])):
        while not transport.is_read:  # noqa: ASYNC110 - what a transport would do
            await asyncio.sleep(0)
        connection.data_received(read)
    assert await reading == b"x" * size
    connection.close()
    assert (freed, transport.is_read, transport.is_gone) == ([connection], True, False)
    connection.send(TEMPLATE, (), (b"{}",), is_stream=False)
    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
    assert await body_of(connection) == b"ok"


async def test_others_get_their_turn() -> None:
    """Tiny chunks are read a little in each turn of the loop; a body of known length at once."""
    for answer, least in ((TINY, len(TINY) // READ_AT_ONCE_BYTES - 1), (SIZED, 0)):
        connection, _, _ = asked()
        connection.data_received(answer)
        turns = 0
        while connection._ended is False:
            await asyncio.sleep(0)
            turns += 1
        assert turns >= least > 0 or turns == least == 0


async def test_what_stands_behind_an_answer_is_never_the_next_one() -> None:
    """Whoever is done with an answer in the turn that ends it does not give back a connection with bytes left."""
    connection, transport, freed = asked()
    padding = b"x" * (-len(TINY) % READ_AT_ONCE_BYTES - len(b"x: \r\n"))
    answer = TINY.replace(b"\r\n\r\n", b"\r\nx: " + padding + b"\r\n\r\n", 1)

    def go_on() -> None:
        if connection._ended is True:
            connection.close()
        else:
            connection._news.goes_on = go_on

    go_on()
    connection.data_received(answer + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil")
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(answer) % READ_AT_ONCE_BYTES == 0
    assert (freed, transport.is_gone, connection.is_usable) == ([], True, False)


async def test_what_came_before_the_end_of_the_connection_counts() -> None:
    """A provider that answers and resets has answered."""
    connection, _, _ = asked()
    connection.data_received(TINY)
    connection.connection_lost(ConnectionResetError())
    assert await body_of(connection) == b"x" * SIZE


async def test_a_slow_caller_stops_the_reading() -> None:
    """Of what was read no more is looked at than there is room for, until the caller takes it."""
    connection, transport, _ = asked()
    chunks = b"40\r\n" + b"x" * 64 + b"\r\n"
    connection.data_received(CHUNKED + chunks * 3_400 + b"0\r\n\r\n")
    for _ in range(100):
        await asyncio.sleep(0)
    assert connection._waiting < 64 * 1024 + READ_AT_ONCE_BYTES
    assert not transport.is_read
    assert await body_of(connection) == b"x" * 64 * 3_400
    assert transport.is_read
