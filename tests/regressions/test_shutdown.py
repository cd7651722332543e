"""A gateway that is told to stop lets everyone finish, and tells those it cannot wait for."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

import pytest

from plano.mock.behaviour import Pace
from tests.running import TRACE_ID, TRACEPARENT, Running, question, raw_post, read_all, running
from tests.waiting import PATIENCE_S, until

SONNET = "claude-sonnet-4-20250514"


def stopped(gateway: Running, drain_s: float) -> Future[None]:
    """A stop under way."""
    return asyncio.run_coroutine_threadsafe(gateway.app.stop(drain_s=drain_s), gateway.loop)


def streaming(gateway: Running, peer: socket.socket) -> bytes:
    """Asks for a stream that takes long; what came of it first."""
    gateway.mock.pace = Pace(tokens_per_s=50)
    body = question(stream=True, max_tokens=10_000, messages=[{"role": "user", "content": "tell me " * 500}])
    peer.sendall(raw_post(json.dumps(body).encode(), more=f"traceparent: {TRACEPARENT}\r\n"))
    begun = b""
    while b"content" not in begun:
        begun += peer.recv(65536)
    return begun


def test_a_stream_that_takes_too_long_says_draining() -> None:
    """Streams that ran on after the drain time used to be reset; they end with the error event and a closed body."""
    with running() as gateway, gateway.connect() as peer:
        begun = streaming(gateway, peer)
        stop = stopped(gateway, 0.05)
        received = begun + read_all(peer)
        stop.result(PATIENCE_S)
        assert received.endswith(b"\r\n0\r\n\r\n")
        last = received.rpartition(b"data: ")[2].partition(b"\n\n")[0]
        error = json.loads(last)["error"]
        assert (error["code"], error["type"], error["trace_id"]) == ("draining", "server_error", TRACE_ID)
        assert b"[DONE]" not in received
        assert gateway.run(_left(gateway)) == (0, 0)


def test_a_caller_that_does_not_read_holds_nobody_up() -> None:
    """The last event cannot be handed over: after a second the connection is cut."""
    with running() as gateway, gateway.connect() as peer:
        streaming(gateway, peer)
        (connection,) = gateway.app._wires[0].connections
        gateway.loop.call_soon_threadsafe(connection.pause_writing)
        began = time.monotonic()
        stopped(gateway, 0.05).result(PATIENCE_S)
        assert time.monotonic() - began < 3
        assert gateway.run(_left(gateway)) == (0, 0)


def test_a_body_on_its_way_is_waited_for() -> None:
    """A request whose head was accepted counts as running: it used to be reset while it was being sent."""
    with running() as gateway, gateway.connect() as peer:
        whole = raw_post(json.dumps(question()).encode())
        peer.sendall(whole[:-5])
        until(lambda: any(one.is_busy for one in tuple(gateway.app._wires[0].connections)))
        stop = stopped(gateway, PATIENCE_S)
        time.sleep(0.05)
        peer.sendall(whole[-5:])
        assert read_all(peer).startswith(b"HTTP/1.1 200 OK")
        stop.result(PATIENCE_S)


def test_a_refusal_reaches_a_caller_that_is_still_sending() -> None:
    """Refused in the middle of its body, a caller has a moment to read why: a stop used to reset it."""
    with running() as gateway, gateway.connect() as peer:
        whole = raw_post(b"x" * 1000, path="/nope")
        peer.sendall(whole[:-500])
        until(lambda: any(one.core.is_lingering for one in tuple(gateway.app._wires[0].connections)))
        stop = stopped(gateway, PATIENCE_S)
        time.sleep(0.1)
        peer.sendall(whole[-500:-100])
        time.sleep(0.05)
        peer.sendall(whole[-100:])
        assert read_all(peer).startswith(b"HTTP/1.1 404")
        peer.close()
        stop.result(PATIENCE_S)


def test_a_body_that_does_not_come_is_refused() -> None:
    """A request that is not whole after the drain time is answered, not reset."""
    with running() as gateway, gateway.connect() as peer:
        peer.sendall(raw_post(json.dumps(question()).encode())[:-5])
        until(lambda: any(one.is_busy for one in tuple(gateway.app._wires[0].connections)))
        stopped(gateway, 0.05).result(PATIENCE_S)
        assert b'"code":"draining"' in read_all(peer)


def _heads_of(gateway: Running, *paths: str) -> list[tuple[str, bytes]]:
    """Status line and whole answer to a GET of each path, over a new connection each."""
    answers = [gateway.raw(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()) for path in paths]
    return [(answer.partition(b"\r\n")[0].decode(), answer) for answer in answers]


def test_who_comes_while_others_finish_is_told() -> None:
    """The listener was closed at once: callers and probes of readiness were refused, and saw no ``draining``."""
    with running() as gateway, gateway.connect() as peer:
        begun = streaming(gateway, peer)
        stop = stopped(gateway, PATIENCE_S)
        until(lambda: gateway.app._wires[0].is_draining)
        refused = gateway.raw(raw_post(json.dumps(question()).encode(), path="/routing/v1/chat/completions"))
        (ready, told), (alive, _) = _heads_of(gateway, "/readyz", "/healthz")
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b'"code":"draining"' in refused
        assert b"\r\nconnection: close\r\n" in refused
        assert (ready, alive) == ("HTTP/1.1 503 Service Unavailable", "HTTP/1.1 200 OK")
        assert b'"reasons":["draining"]' in told
        gateway.mock.pace = Pace()
        gateway.app._upstream.pool.close()
        assert b"upstream_truncated" in begun + read_all(peer)
        stop.result(PATIENCE_S)
        with pytest.raises(ConnectionError):
            gateway.connect()


def test_who_comes_late_holds_nothing_up() -> None:
    """A stop waits for what ran when it began, and not for those who came since and say nothing."""
    with running() as gateway, gateway.connect() as peer:
        streaming(gateway, peer)
        stop = stopped(gateway, PATIENCE_S)
        until(lambda: gateway.app._wires[0].is_draining)
        with gateway.connect() as late:
            late.sendall(raw_post(json.dumps(question()).encode())[:-5])
            until(lambda: len(gateway.app._wires[0].connections) == 2)
            gateway.app._upstream.pool.close()
            read_all(peer)
            stop.result(PATIENCE_S)
            assert b'"code":"draining"' in read_all(late)


def test_an_address_is_left_at_once_for_another_gateway() -> None:
    """Where nobody is left who would replace a worker: whoever is started in its place shall have the address."""
    with running() as gateway, gateway.connect() as peer:
        streaming(gateway, peer)
        stop = asyncio.run_coroutine_threadsafe(gateway.app.stop(drain_s=0.3, leaves_address=True), gateway.loop)
        until(lambda: gateway.app._wires[0].is_draining)
        with pytest.raises(ConnectionError):
            gateway.connect()
        read_all(peer)
        stop.result(PATIENCE_S)


def _left(gateway: Running) -> Callable[[], Coroutine[Any, Any, tuple[int, int]]]:
    async def count() -> tuple[int, int]:
        await asyncio.sleep(0.01)
        capacity = gateway.app._capacity
        return capacity.requests, capacity.connections

    return count
