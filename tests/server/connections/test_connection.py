"""The edge of a caller's connection: order, pressure, old and headless callers, and a good end."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import time

import pytest

from plano.errors import PlanoError
from plano.http1.limits import Limits
from plano.mock.behaviour import Pace
from plano.mock.voices.chat import ChatVoice
from plano.server.answering.exchange import Exchange
from plano.server.capacity import Capacity
from plano.server.connections.connection import READ_AT_ONCE_BYTES, HttpConnection, Wire
from plano.upstream.connection import UpstreamConnection
from tests.running import Running, question, raw_post, read_all, running
from tests.waiting import PATIENCE_S, until

SONNET = "claude-sonnet-4-20250514"
HEALTH = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"


def test_answers_come_in_the_order_of_the_requests(gateway: Running) -> None:
    """Refused at once, decided, served slowly, served quickly: on one connection in that order."""
    gateway.mock.script(SONNET, ["429", "ok"])
    last = HEALTH.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    ask = json.dumps(question()).encode()
    data = HEALTH.replace(b"healthz", b"nope") + raw_post(ask, path="/routing/v1/chat/completions")
    received = gateway.raw(data + raw_post(ask) + HEALTH + raw_post(b"{") + last)
    statuses = [part.split(b" ", 1)[0] for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"404", b"200", b"200", b"200", b"400", b"200"]


@pytest.mark.parametrize("cut", [1, 7, 40])
def test_cuts_do_not_matter(gateway: Running, cut: int) -> None:
    """Requests cut into reads of any size are the same requests."""
    data = HEALTH + raw_post(json.dumps(question()).encode(), more="connection: close\r\n")
    with gateway.connect() as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(data), cut):
            peer.sendall(data[at : at + cut])
        assert read_all(peer).count(b"HTTP/1.1 200 OK") == 2


def test_head_gets_a_head(gateway: Running) -> None:
    """HEAD is answered as GET, without the body; the next answer stands right behind it."""
    last = HEALTH.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    received = gateway.raw(HEALTH.replace(b"GET", b"HEAD") + last)
    first, _, rest = received.partition(b"\r\n\r\n")
    assert b"content-length: 18" in first
    assert rest.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("is_stream", [False, True])
def test_an_old_caller(gateway: Running, is_stream: bool) -> None:
    """HTTP/1.0: no chunks; the end of a stream is the end of the connection."""
    data = raw_post(json.dumps(question(stream=is_stream)).encode()).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    head, _, body = gateway.raw(data).partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head
    assert b"connection: close" in head
    assert body.endswith(b"data: [DONE]\n\n") if is_stream else json.loads(body)["choices"]


def test_a_caller_that_does_not_read_pauses_the_upstream(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long stream and a caller that takes nothing: both sides hold little, and in the end every byte arrives."""
    many = b'data: {"choices":[{"index":0,"delta":{"content":"' + b"x" * 20_000 + b'"}}]}\n\n'
    monkeypatch.setattr(ChatVoice, "opening", lambda _voice, _said: (many,) * 600)
    gateway.mock.pace = Pace(tokens_per_s=1e6)
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        peer.settimeout(PATIENCE_S)
        peer.connect(("127.0.0.1", gateway.app.ports[0]))
        peer.sendall(raw_post(json.dumps(question(stream=True)).encode(), more="connection: close\r\n"))
        received = bytearray(peer.recv(10))
        time.sleep(0.25)
        to_caller, from_provider = gateway.run(lambda: _held(gateway))
        assert to_caller < 256 * 1024
        assert from_provider < 1024 * 1024
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        received += read_all(peer)
    assert received.count(b"x" * 20_000) == 600
    assert received.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")


def test_bytes_behind_the_last_request_cost_nobody_an_answer(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that announced the end and sends on all the same reads its whole answer, however late it does."""
    text = b'data: {"choices":[{"index":0,"delta":{"content":"' + b"x" * 16_000 + b'"}}]}\n\n'
    monkeypatch.setattr(ChatVoice, "opening", lambda _voice, _said: (text,) * 3)
    gateway.mock.pace = Pace(tokens_per_s=1e6)
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.settimeout(PATIENCE_S)
        peer.connect(("127.0.0.1", gateway.app.ports[0]))
        peer.sendall(raw_post(json.dumps(question(stream=True)).encode(), more="connection: close\r\n"))
        received = bytearray(peer.recv(10))
        gateway.run(lambda: _handed_over(gateway))
        peer.sendall(b"y" * 2000)
        gateway.run(lambda: _handed_over(gateway))
        received += read_all(peer)
    assert received.count(b"x" * 16_000) == 3
    assert received.endswith(b"\r\n0\r\n\r\n")


async def _handed_over(gateway: Running) -> None:
    """Comes back when every answer is out of the gateway's hands, and what had come by then was read."""
    while any(one._exchange is not None for one in gateway.app._wires[0].connections):  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.05)


async def _held(gateway: Running) -> tuple[int, int]:
    """Bytes that wait for the caller, and bytes taken from the provider that wait behind them."""
    (connection,) = gateway.app._wires[0].connections
    assert connection._transport is not None
    waiting = sum(one._waiting for lane in gateway.app._upstream.pool._lanes.values() for one in lane._all)
    return connection._transport.get_write_buffer_size(), waiting


def test_a_caller_that_never_reads_is_left() -> None:
    """Nothing taken for the limit: the connection is closed, and not counted any more."""
    with running(limits=Limits(write_stall_s=0.2)) as gateway, socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(("127.0.0.1", gateway.app.ports[0]))
        body = json.dumps(question(messages=[{"role": "user", "content": "x" * 8_000_000}])).encode()
        peer.sendall(raw_post(body, path="/routing/v1/chat/completions?explain=1"))
        until(lambda: "request" in gateway.log.getvalue() and not gateway.app._capacity.connections)


async def _nothing() -> None:
    return None


def test_drain() -> None:
    """A stop closes idle connections at once, finishes what runs, says close, and takes nothing new."""
    with running() as gateway:
        gateway.mock.pace = Pace(latency_s=0.3)
        port = gateway.app.ports[0]
        with gateway.connect() as idle, gateway.connect() as busy:
            idle.sendall(HEALTH)
            assert b"200 OK" in idle.recv(1000)
            busy.sendall(raw_post(json.dumps(question()).encode()))
            until(lambda: gateway.mock.calls)
            stopped = asyncio.run_coroutine_threadsafe(gateway.app.stop(drain_s=PATIENCE_S), gateway.loop)
            assert idle.recv(1000) == b""
            answer = read_all(busy)
            stopped.result(PATIENCE_S)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"\r\nconnection: close\r\n" in answer
        with pytest.raises(ConnectionError):
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def test_drain_has_an_end() -> None:
    """What does not finish in the drain time is told so, and nothing is counted any more."""
    with running() as gateway:
        gateway.mock.script(SONNET, ["silence"])
        with gateway.connect() as peer:
            peer.sendall(raw_post(json.dumps(question()).encode()))
            until(lambda: gateway.mock.calls)
            asyncio.run_coroutine_threadsafe(gateway.app.stop(drain_s=0.1), gateway.loop).result(PATIENCE_S)
            head, _, body = read_all(peer).partition(b"\r\n\r\n")
        gateway.run(_nothing)
        assert (head.split()[1], json.loads(body)["error"]["code"]) == (b"503", "draining")
        assert (gateway.app._capacity.requests, gateway.app._capacity.connections) == (0, 0)


def test_a_caller_that_leaves_with_requests_waiting(gateway: Running) -> None:
    """Requests behind the one being served are never begun once the caller is gone."""
    gateway.mock.script(SONNET, ["silence"])
    one = raw_post(json.dumps(question()).encode())
    with gateway.connect() as peer:
        peer.sendall(one * 3)
        until(lambda: gateway.mock.calls)
    until(lambda: not gateway.app._capacity.connections)
    assert (len(gateway.mock.calls), gateway.app._capacity.requests) == (1, 0)


def test_callers_who_leave_leave_nothing_behind() -> None:
    """A stream that was given up is gone with its last reference: nothing waits for the collector.

    What was cancelled used to hold its connection, and the connection what was cancelled: 290 MB after 10,000 streams.
    """
    with running() as gateway:
        gateway.mock.pace = Pace(tokens_per_s=20.0)
        body = json.dumps(question(stream=True, messages=[{"role": "user", "content": "x " * 50}])).encode()
        counts = []
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                for _ in range(10):
                    with gateway.connect() as peer:
                        peer.sendall(raw_post(body))
                        assert b"200 OK" in peer.recv(4096)
                until(lambda: not gateway.app._capacity.connections and not gateway.app._upstream.pool.size)
                time.sleep(0.05)
                counts.append(sum(isinstance(each, HttpConnection | UpstreamConnection) for each in gc.get_objects()))
        finally:
            gc.enable()
    assert counts[-1] <= counts[0] + 1


class StagedTransport:
    """Remembers what was written, and whether it is read from."""

    def __init__(self) -> None:
        self.written = b""
        self.is_read = True

    def get_extra_info(self, _name: str) -> None:
        """There is no socket."""

    def set_write_buffer_limits(self, **_limits: int) -> None:
        """None."""

    def get_write_buffer_size(self) -> int:
        """Everything is taken."""
        return 0

    def pause_reading(self) -> None:
        """Once."""
        assert self.is_read
        self.is_read = False

    def resume_reading(self) -> None:
        """Once."""
        assert not self.is_read
        self.is_read = True

    def write(self, data: bytes) -> None:
        """At once."""
        self.written += data

    def abort(self) -> None:
        """Gone."""


class Echo:
    """Answers with the size of the body; ``turns``: those of the loop before each of them."""

    def __init__(self) -> None:
        self.turns: list[int] = []
        self.turn = 0
        self.gone = 0

    def left(self, _exchange: Exchange) -> None:
        """Is counted."""
        self.gone += 1

    def refuse(self, _exchange: Exchange) -> bool:
        """Nothing."""
        return False

    def refuse_bytes(self, exchange: Exchange, error: PlanoError) -> None:
        """With its status alone."""
        exchange.answer(error.status, (), b"")

    async def serve(self, exchange: Exchange) -> None:
        """The answer."""
        self.turns.append(self.turn)
        exchange.answer(200, (), str(len(exchange.body)).encode())


def staged() -> tuple[HttpConnection, StagedTransport, Echo]:
    """A connection without a socket."""
    echo, transport = Echo(), StagedTransport()
    wire = Wire(echo, Limits(), Capacity(), now=time.monotonic, date=lambda: "now")
    connection = HttpConnection(wire, asyncio.get_running_loop())
    connection.connection_made(transport)  # type: ignore[arg-type]
    return connection, transport, echo


async def turns(echo: Echo, count: int) -> None:
    """So many turns of the loop."""
    for _ in range(count):
        await asyncio.sleep(0)
        echo.turn += 1


POST = b"POST / HTTP/1.1\r\nhost: x\r\n"
TINY = POST + b"transfer-encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n"
PLAIN = POST + b"content-length: 200000\r\n\r\n" + b"x" * 200_000
EMPTY = POST + b"\r\n"


@pytest.mark.parametrize("is_split", [False, True])
@pytest.mark.parametrize(
    ("data", "sizes"),
    [
        (TINY, ["20000"]),
        (TINY + EMPTY + TINY, ["20000", "0", "20000"]),
        (PLAIN + TINY, ["200000", "20000"]),
        (EMPTY + TINY + PLAIN, ["0", "20000", "200000"]),
        (EMPTY * 900, ["0"] * 900),
    ],
)
async def test_a_large_read_gives_way(data: bytes, sizes: list[str], is_split: bool) -> None:
    """Tiny chunks used to hold the loop, 40 ms a read and many reads in a row: now in turns, in order, to the end."""
    connection, transport, echo = staged()
    for read in (data[:100], data[100:]) if is_split else (data,):
        connection.data_received(read)
    await turns(echo, 2_000)
    assert [part.rpartition(b"\r\n\r\n")[2].decode() for part in transport.written.split(b"HTTP/1.1 ")[1:]] == sizes
    assert transport.is_read
    assert connection.core.is_idle
    if data.startswith(TINY):
        assert echo.turns[0] >= len(TINY) // READ_AT_ONCE_BYTES - 1


async def test_a_body_of_known_length_is_read_at_once() -> None:
    """It costs nothing, so it waits for nobody, whether its head comes along or not."""
    for at in (0, 100):
        connection, transport, echo = staged()
        connection.data_received(PLAIN[:at])
        connection.data_received(PLAIN[at:])
        assert transport.written.endswith(b"200000")
        assert echo.turns == [0]


async def test_who_leaves_in_the_middle_of_a_large_read_is_not_served() -> None:
    """What is left of it is let go."""
    connection, transport, echo = staged()
    connection.data_received(TINY)
    connection.connection_lost(None)
    await turns(echo, 100)
    assert (echo.turns, transport.written) == ([], b"")
    assert not connection.is_busy


@pytest.mark.parametrize(
    ("sent", "gone"),
    [(b"", 0), (POST, 0), (POST + b"content-length: 3\r\n\r\n", 1), (PLAIN[:-1], 1), (PLAIN, 0)],
    ids=["nothing", "half a head", "a head", "half a body", "all of it"],
)
async def test_who_leaves_before_the_end_of_a_body_is_noted(sent: bytes, gone: int) -> None:
    """Once, as soon as there was a request; whoever serves notes the others."""
    connection, _, echo = staged()
    connection.data_received(sent)
    connection.connection_lost(None)
    assert echo.gone == gone
