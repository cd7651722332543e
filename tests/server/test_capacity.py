"""Beyond what a gateway takes on, callers are refused at once; everything is given back."""

from __future__ import annotations

import json
import time

from plano.server.capacity import Capacity
from tests.running import Running, question, raw_post, read_all, running


def test_connections_in_all_and_per_peer() -> None:
    """A peer has its share, loopback only the whole; what leaves makes room."""
    capacity = Capacity(connections=4, per_peer=2)
    assert [capacity.enter("10.0.0.1") for _ in range(3)] == [True, True, False]
    assert [capacity.enter("127.0.0.1") for _ in range(3)] == [True, True, False]
    capacity.leave("10.0.0.1")
    assert [capacity.enter("127.0.0.1"), capacity.enter("127.0.0.1")] == [True, False]
    assert capacity.connections == 4


def test_too_many_connections_are_closed_at_once() -> None:
    """The connection over the limit is closed; the others are served."""
    with running(capacity=Capacity(connections=1)) as gateway, gateway.connect(2.0) as first:
        first.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert b"200 OK" in first.recv(1000)
        with gateway.connect(2.0) as second:
            assert read_all(second) == b""


def test_too_many_requests_are_503() -> None:
    """With all places taken: 503 with a time, and a place again as soon as one is free."""
    with running(capacity=Capacity(requests=1)) as gateway:
        gateway.mock.script("claude-sonnet-4-20250514", ["silence"])
        with gateway.connect() as peer:
            peer.sendall(raw_post(json.dumps(question()).encode()))
            until_called(gateway)
            answer = gateway.decide(question())
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "gateway_overloaded")
            assert answer.headers["retry-after"] == "1"
        gateway.mock.script("claude-sonnet-4-20250514", ["ok"])
        deadline = time.monotonic() + 5
        while gateway.decide(question()).status_code != 200:
            assert time.monotonic() < deadline


def test_all_places_are_given_back() -> None:
    """Answered, refused, broken off: afterwards nothing is counted any more."""
    capacity = Capacity()
    with running(capacity=capacity) as gateway:
        for body in (b"{", json.dumps(question()).encode(), json.dumps(question(stream=True)).encode()):
            gateway.raw(raw_post(body, more="connection: close\r\n"))
            with gateway.connect() as peer:
                peer.sendall(raw_post(body)[:-1])
        deadline = time.monotonic() + 5
        while capacity.connections or capacity.requests:
            assert time.monotonic() < deadline


def until_called(gateway: Running) -> None:
    """Waits for the provider to have been called."""
    deadline = time.monotonic() + 5
    while not gateway.mock.calls:
        assert time.monotonic() < deadline
