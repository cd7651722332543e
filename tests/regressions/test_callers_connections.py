"""Connections of callers: nothing escapes into the event loop, nothing grows without bound, nothing is cut early."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from plano.http1.limits import Limits
from plano.server.capacity import Capacity
from plano.server.connections.connection import HttpConnection, Wire
from tests.running import CODE, Running, question, raw_post, read_all, running
from tests.waiting import PATIENCE_S, until


@contextmanager
def watched(gateway: Running) -> Iterator[list[dict[str, Any]]]:
    """What escapes into the gateway's event loop."""
    escaped: list[dict[str, Any]] = []
    gateway.loop.call_soon_threadsafe(
        gateway.loop.set_exception_handler, lambda _loop, context: escaped.append(context)
    )
    yield escaped


@pytest.mark.parametrize("body", [b"ZZ\r\n", b"1\r\nab\r\n", b"-1\r\n"])
@pytest.mark.parametrize("line", ["POST /no", "PUT /v1/chat/completions", "POST /v1/chat/completions"])
def test_a_refused_request_with_a_broken_body(gateway: Running, line: str, body: bytes) -> None:
    """Refused by its head, and the body of the same read is no body: one answer, and nothing escapes."""
    head = f"{line} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    with watched(gateway) as escaped:
        answer = gateway.raw(head + body)
    assert escaped == []
    assert answer.count(b"HTTP/1.1 4") == 1
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"]


def test_a_caller_that_asks_on_and_never_reads() -> None:
    """Answers nobody takes are not piled up: with 64 KiB waiting no further request is served."""
    with running() as gateway, _narrow(gateway) as peer:
        peer.settimeout(0.2)
        many = b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n" * 1000
        until = time.monotonic() + 0.6
        while time.monotonic() < until:
            with suppress(TimeoutError):
                peer.send(many)
        assert gateway.run(lambda: _waiting(gateway)) < 256 * 1024


async def _waiting(gateway: Running) -> int:
    """Bytes that wait for callers."""
    connections = [connection for wire in gateway.app._wires for connection in wire.connections]
    return sum(one._transport.get_write_buffer_size() for one in connections if one._transport is not None)


def test_a_slow_caller_that_makes_progress_is_kept() -> None:
    """The limit is a time *without progress*: a caller that keeps taking bytes, slowly, is not cut off."""
    limit_s = Limits().write_stall_s
    with running() as gateway:
        (wire,) = gateway.app._wires
        moment = wire.now()
        wire.now = lambda: moment
        with _narrow(gateway) as peer:
            peer.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert b"200 OK" in peer.recv(1000)
            gateway.run(lambda: _small_steps(gateway))
            size = _large_answer(gateway, peer, 1_500_000)
            received = 0
            for _ in range(4):
                left = gateway.run(lambda: _waiting(gateway))
                while gateway.run(lambda: _waiting(gateway)) == left:
                    received += len(peer.recv(16_384))
                gateway.run(lambda: _swept(wire))
                moment += 0.7 * limit_s
                gateway.run(lambda: _swept(wire))
            received += len(read_all(peer))
    assert received == size


async def _swept(wire: Wire) -> None:
    """Applies the deadlines that have passed."""
    wire.sweep()


def test_draining_lets_an_answer_reach_its_caller() -> None:
    """An answer that was given but is still on its way counts as running: a stop waits for it."""
    with running() as gateway, _narrow(gateway) as peer:
        size = _large_answer(gateway, peer)
        stopped = asyncio.run_coroutine_threadsafe(gateway.app.stop(drain_s=PATIENCE_S), gateway.loop)
        received = len(read_all(peer))
        stopped.result(PATIENCE_S)
    assert received >= size


async def _small_steps(gateway: Running) -> None:
    """Makes the kernel hold little for each caller, so that what it takes is seen soon."""
    for wire in gateway.app._wires:
        for connection in wire.connections:
            assert connection._transport is not None
            connection._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)


def _narrow(gateway: Running) -> socket.socket:
    """A connection that takes little at a time."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.settimeout(PATIENCE_S)
    peer.connect(("127.0.0.1", gateway.app.ports[0]))
    return peer


def _large_answer(gateway: Running, peer: socket.socket, size: int = 3_000_000) -> int:
    """Asks for a plain answer of ``size`` bytes, takes its head, and returns the size of what is left."""
    gateway.classifier.default = CODE
    body = json.dumps(question(messages=[{"role": "user", "content": "x" * size}])).encode()
    peer.sendall(raw_post(body, path="/routing/v1/chat/completions?explain=1", more="connection: close\r\n"))
    head, _, begun = peer.recv(1000).partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return length - len(begun)


def test_requests_in_progress_are_bounded() -> None:
    """The limit holds for requests, not for heads: bodies that arrive together do not get past it."""
    with running(capacity=Capacity(requests=2)) as gateway:
        gateway.mock.script("claude-sonnet-4-20250514", ["silence"])
        whole = raw_post(json.dumps(question()).encode())
        peers = [gateway.connect() for _ in range(6)]
        for peer in peers:
            peer.sendall(whole[:-1])
        time.sleep(0.1)
        for peer in peers:
            peer.sendall(whole[-1:])
        time.sleep(0.2)
        served = len(gateway.mock.calls)
        for peer in peers:
            peer.close()
        assert served <= 2


def test_a_caller_that_leaves_while_it_is_not_read(gateway: Running) -> None:
    """With 64 KiB waiting behind its request a caller is not read: it left unseen, and its place stayed taken."""
    gateway.mock.script("claude-sonnet-4-20250514", ["silence"])
    with gateway.connect() as peer:
        peer.sendall(raw_post(json.dumps(question()).encode()) + b"x" * 80_000)
        until(lambda: any(one._is_paused for one in tuple(gateway.app._wires[0].connections)))
    until(lambda: not gateway.app._capacity.requests)


def test_a_caller_that_leaves_as_its_answer_is_ready(gateway: Running) -> None:
    """A question and the end of the connection in one turn of the loop: answered, closed, and no defect is logged."""
    with gateway.connect() as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert b" 200 OK" in peer.recv(1000)
        gateway.run(lambda: _asks_and_leaves(gateway))
        assert read_all(peer).count(b" 200 OK") == 1
    assert '"bug"' not in gateway.log.getvalue()


async def _asks_and_leaves(gateway: Running) -> None:
    (connection,) = gateway.app._wires[0].connections
    connection.data_received(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
    connection.eof_received()
    await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", ["x-request-id", "openai-beta", "tracestate"])
def test_fields_named_by_connection_stay(gateway: Running, name: str) -> None:
    """R-133: a field that ``Connection`` names is of this hop and is not passed on."""
    gateway.chat(question(), {name: "mine=1", "connection": f"keep-alive, {name}"})
    assert gateway.mock.calls[-1].fields.get(name) != "mine=1"


def test_tracestate_without_a_valid_traceparent_is_dropped(gateway: Running) -> None:
    """W3C Trace Context 3.3: when the parent cannot be read, the state goes with it."""
    gateway.chat(question(), {"traceparent": "nonsense", "tracestate": "a=b"})
    assert "tracestate" not in gateway.mock.calls[-1].fields


def test_accept_in_other_letters(gateway: Running) -> None:
    """Media types are compared without regard to case."""
    answer = gateway.chat(question(), {"accept": "Application/Vnd.Plano.Decision+JSON"})
    assert set(answer.json()) == {"models", "route", "trace_id"}


@pytest.mark.parametrize("sink_error", [RuntimeError, TypeError])
def test_a_log_that_raises_fails_no_request(
    gateway: Running, monkeypatch: pytest.MonkeyPatch, sink_error: type[Exception]
) -> None:
    """R-062: whatever a sink raises, the answer arrives and the connection stays."""

    def broken(_text: str) -> int:
        raise sink_error("the sink is broken")

    monkeypatch.setattr(gateway.log, "write", broken)
    one = raw_post(json.dumps(question()).encode())
    with watched(gateway) as escaped:
        answer = gateway.raw(one + raw_post(json.dumps(question()).encode(), more="connection: close\r\n"))
    assert escaped == []
    assert answer.count(b"HTTP/1.1 200 OK") == 2


def test_a_classifier_that_raises_when_asked_to_remember(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken router is "no route", said so; never a 500."""

    def broken(_self: object, _question: object) -> None:
        raise OSError

    monkeypatch.setattr(type(gateway.classifier), "recall", broken)
    answer = gateway.decide(question())
    assert (answer.status_code, answer.headers.get("x-plano-router")) == (200, "degraded")


def test_a_defect_in_one_deadline_does_not_end_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a sweep raised used to be the last thing it did: no caller ran out of time any more."""
    with running(limits=Limits(first_byte_s=0.1)) as gateway, watched(gateway), gateway.connect() as peer:
        real, calls = HttpConnection.check_deadline, []

        def broken_once(connection: HttpConnection, now: float) -> None:
            calls.append(now)
            if len(calls) == 1:
                raise RuntimeError("a defect")
            real(connection, now)

        monkeypatch.setattr(HttpConnection, "check_deadline", broken_once)
        assert read_all(peer) == b""
        assert len(calls) >= 2


def test_a_long_upload_takes_nothing_of_the_deadline() -> None:
    """The deadline is for deciding, trying and waiting: who was slow with a large body used to get 504 at once."""
    body = json.dumps(question()).encode()
    with running() as gateway, gateway.connect() as peer:
        peer.sendall(raw_post(body)[: -len(body)] + body[:1])
        (wire,) = gateway.app._wires
        arriving = until(lambda: [each._exchange for each in tuple(wire.connections) if each._exchange])
        arriving[0].received_at -= 1_000.0
        peer.sendall(body[1:])
        assert peer.recv(65536).startswith(b"HTTP/1.1 200 OK")
