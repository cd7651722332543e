"""A provider on a raw socket, and one attempt at it: what the tests of the upstream edge talk to."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from plano.clock import SystemClock
from plano.domain.attempt import Attempt, Outcome
from plano.domain.decision import Candidate
from plano.domain.model import Dialect, Endpoint, Model, Origin
from plano.domain.request import Call
from plano.domain.route import NO_ROUTES
from plano.domain.secret import Secret
from plano.http1.limits import Limits
from plano.ports import Answer
from plano.upstream.connection import UpstreamConnection
from plano.upstream.http import HttpUpstream
from plano.wire.dialects.passage import Passage, passage
from plano.wire.requests import parse_request
from tests.waiting import PATIENCE_S

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

KEY = "provider-key-1234"
WHOLE = json.dumps(
    {"choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}
).encode()
ROLE = b'data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n'
WORD = b'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n'
FINISH = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"
ERROR = b'data: {"error":{"message":"no","code":"server_error"}}\n\n'


def plain(body: bytes = WHOLE, *, status: str = "200 OK", more: str = "") -> bytes:
    """The bytes of a plain JSON answer; ``more``: further field lines with their line ends."""
    fields = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n{more}"
    return f"HTTP/1.1 {status}\r\n{fields}\r\n".encode() + body


def stream_head(more: str = "transfer-encoding: chunked\r\n") -> bytes:
    """The head of a stream."""
    return f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{more}\r\n".encode()


def chunk(data: bytes) -> bytes:
    """``data`` as one chunk; empty: the last one."""
    return b"%x\r\n%b\r\n" % (len(data), data)


async def read_request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of the next request."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return head, await reader.readexactly(int(size.partition(b":")[2]))


def answering(*answers: bytes) -> Handler:
    """Answers each request of a connection with the next of ``answers``, then closes it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await read_request(reader)
            writer.write(answer)
            await writer.drain()

    return handle


def and_stays(*answers: bytes) -> Handler:
    """As ``answering``, and the connection stays open."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answering(*answers)(reader, writer)
        await asyncio.Event().wait()

    return handle


def in_reads(*reads: bytes, gap_s: float = 0.02) -> Handler:
    """Answers one request with ``reads``, a little time between them, and closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for read in reads:
            writer.write(read)
            await asyncio.sleep(gap_s)

    return handle


def reset(writer: asyncio.StreamWriter) -> None:
    """Resets the connection."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def provider(*handlers: Handler) -> AsyncIterator[Endpoint]:
    """An endpoint whose n-th connection is played by the n-th handler, all later ones by the last."""
    tasks: set[asyncio.Task[Any]] = set()
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        handler = handlers[min(count, len(handlers) - 1)]
        count += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await handler(reader, writer)
                writer.close()
                await writer.wait_closed()
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield endpoint_at(port)
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await settle()


@contextmanager
def black_hole() -> Iterator[int]:
    """The port of a listener that accepts nobody: its backlog is full, and whoever comes waits."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port: int = listener.getsockname()[1]
        taken = [socket.socket() for _ in range(4)]
        try:
            for one in taken:
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            yield port
        finally:
            for one in taken:
                one.close()


def endpoint_at(port: int) -> Endpoint:
    """An endpoint on this machine, with a key."""
    origin = Origin("http", "127.0.0.1", port)
    return Endpoint(origin, "/v1/chat/completions", f"127.0.0.1:{port}", key=Secret(KEY))


async def settle() -> None:
    """Lets what is due on the loop happen."""
    for _ in range(3):
        await asyncio.sleep(0)


@asynccontextmanager
async def upstream(limits: Limits | None = None) -> AsyncIterator[HttpUpstream]:
    """An upstream client that closes its connections at the end."""
    one = HttpUpstream(SystemClock(), limits=limits)
    try:
        yield one
    finally:
        one.pool.close()
        await settle()


async def connected(client: HttpUpstream, endpoint: Endpoint) -> None:
    """Leaves an open connection to ``endpoint`` in the pool: what follows is not about the time it takes to connect."""
    lane = client.pool.lane(endpoint)
    lane._give(await lane.connect(limit_s=30.0))


def only_connection(client: HttpUpstream, endpoint: Endpoint) -> UpstreamConnection:
    """The one connection that is open to ``endpoint``."""
    (connection,) = client.pool.lane(endpoint)._all
    return connection


def call_of(*, is_stream: bool = False, size: int = 0, **more: Any) -> Call:
    """What attempts are made from; ``size``: bytes of prompt."""
    body = {"model": "x", "messages": [{"role": "user", "content": "y" * size}], "stream": is_stream}
    request = parse_request(json.dumps(body).encode(), Dialect.OPENAI_CHAT, lambda _value, _raw: NO_ROUTES)
    return Call(request, (("content-type", "application/json"),), "0" * 31 + "1", 0.0, **more)


def attempt_at(endpoint: Endpoint, *, limit_s: float = PATIENCE_S, is_last: bool = True) -> Attempt:
    """One attempt at a model behind ``endpoint``."""
    return Attempt(Candidate(Model("p/m", "p", "m", endpoint), 1), 1, limit_s, is_last)


def way_of(call: Call, endpoint: Endpoint) -> Passage:
    """The way of a call to a model behind ``endpoint``."""
    return passage(call.request, attempt_at(endpoint).candidate.model, trace_id=call.trace_id, now_s=1_700_000_000)


async def perform(
    endpoint: Endpoint, *, is_stream: bool = False, limit_s: float = PATIENCE_S, is_last: bool = True
) -> tuple[Outcome, Answer | None, bytes, Exception | None]:
    """Outcome, answer, what the caller gets of the body, and how a stream failed after its first byte.

    A limit below a second is one for the answer alone: the connection is open before it begins.
    """
    async with upstream() as client:
        if limit_s < 1.0:
            await connected(client, endpoint)
        outcome, answer = await client.perform(
            attempt_at(endpoint, limit_s=limit_s, is_last=is_last), call_of(is_stream=is_stream)
        )
        body, broken = await drained(answer)
        return outcome, answer, body, broken


class Taker:
    """A caller of a stream: keeps what comes, and takes no more while ``is_busy`` until ``go_on``."""

    def __init__(self, *, is_busy: bool = False) -> None:
        self.pieces: list[bytes] = []
        self._free = asyncio.Event()
        if not is_busy:
            self._free.set()

    def send(self, data: bytes) -> bool:
        """Takes a piece, never an empty one."""
        assert data
        self.pieces.append(data)
        return self._free.is_set()

    async def drained(self) -> None:
        """Comes back when it may go on."""
        await self._free.wait()

    def go_on(self) -> None:
        """From now on everything is taken at once."""
        self._free.set()


async def drained(answer: Answer | None) -> tuple[bytes, Exception | None]:
    """The whole body of an answer, and the error that ended it."""
    if answer is None:
        return b"", None
    if isinstance(answer.body, bytes):
        return answer.body, None
    sink = Taker()
    try:
        await answer.body.pump(sink)
    except Exception as error:
        return b"".join(sink.pieces), error
    finally:
        answer.close()
    return b"".join(sink.pieces), None
