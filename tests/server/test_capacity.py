"""Beyond what a gateway takes on, callers are refused at once; everything is given back."""

from __future__ import annotations

import asyncio
import json
import resource
import time

import pytest

from plano.config.settings import Bounds
from plano.mock.behaviour import Pace
from plano.server import capacity as capacity_module
from plano.server.capacity import Capacity, room_for
from plano.server.connections.connection import COUNTED_BYTES
from tests.running import mission_text, question, raw_post, read_all, running
from tests.waiting import until


def test_connections_in_all_and_per_peer() -> None:
    """A peer has its share, loopback only the whole; what leaves makes room."""
    capacity = Capacity(connections=4, per_peer=2)
    assert [capacity.enter("10.0.0.1") for _ in range(3)] == [True, True, False]
    assert [capacity.enter("127.0.0.1") for _ in range(3)] == [True, True, False]
    capacity.leave("10.0.0.1")
    assert [capacity.enter("127.0.0.1"), capacity.enter("127.0.0.1")] == [True, False]
    assert capacity.connections == 4


def test_every_caller_has_a_descriptor_for_its_upstream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the descriptors half are for callers, less what the process itself holds: the last ones got 502."""
    monkeypatch.setattr("resource.getrlimit", lambda _which: (256, 256))
    capacity = Capacity()
    taken = 0
    while capacity.enter("10.0.0.1"):
        taken += 1
    assert 2 * taken + 64 == 256


@pytest.mark.parametrize(
    ("now", "most", "asked", "room"),
    [
        (256, 4096, 10, 10),
        (256, 4096, 1_000, 1_000),
        (256, 4096, 10_000, 2_016),
        (256, resource.RLIM_INFINITY, 10_000, 10_000),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 10_000, 10_000),
    ],
)
def test_a_process_takes_the_descriptors_it_needs(
    monkeypatch: pytest.MonkeyPatch, now: int, most: int, asked: int, room: int
) -> None:
    """As many as the system lets it have, and no more than it needs; what is enough stays as it is."""
    limits = [(now, most)]
    monkeypatch.setattr("resource.getrlimit", lambda _which: limits[-1])
    monkeypatch.setattr("resource.setrlimit", lambda _which, to: limits.append(to))
    assert room_for(asked) == room
    assert limits[-1] == ((now, most) if 2 * asked + 64 <= now % 2**64 else (2 * room + 64, most))


def test_as_configured() -> None:
    """Every bound of the file is the one that counts."""
    capacity = Capacity.of(Bounds(3, 1, 2, 0))
    assert [capacity.enter("10.0.0.1"), capacity.enter("10.0.0.1")] == [True, False]
    assert [capacity.enter("::1"), capacity.enter("::1"), capacity.enter("::1")] == [True, True, False]
    capacity.requests = 1
    assert not capacity.is_full
    capacity.requests = 2
    assert capacity.is_full


def test_too_many_connections_are_closed_at_once() -> None:
    """The connection over the limit is closed; the others are served."""
    with running(capacity=Capacity(connections=1)) as gateway, gateway.connect() as first:
        first.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert b"200 OK" in first.recv(1000)
        with gateway.connect() as second:
            assert read_all(second) == b""


def test_the_files_limits_count() -> None:
    """One place, nobody may wait: the second request is refused while the first is in progress."""
    limits = "limits: {requests: 1, waiting_requests: 0, upstream_connections: 7}\n"
    with running(mission_text() + limits) as gateway:
        gateway.mock.script("claude-sonnet-4-20250514", ["silence"])
        with gateway.connect() as peer:
            peer.sendall(raw_post(json.dumps(question()).encode()))
            until(lambda: gateway.mock.calls)
            assert gateway.decide(question()).json()["error"]["code"] == "gateway_overloaded"
        assert [lane.most for lane in gateway.app._upstream.pool._lanes.values()] == [7]


def test_too_many_requests_are_503() -> None:
    """With all places taken: 503 with a time, and a place again as soon as one is free."""
    with running(capacity=Capacity(requests=1)) as gateway:
        gateway.mock.script("claude-sonnet-4-20250514", ["silence"])
        with gateway.connect() as peer:
            peer.sendall(raw_post(json.dumps(question()).encode()))
            until(lambda: gateway.mock.calls)
            answer = gateway.decide(question())
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "gateway_overloaded")
            assert answer.headers["retry-after"] == "1"
        gateway.mock.script("claude-sonnet-4-20250514", ["ok"])
        until(lambda: gateway.decide(question()).status_code == 200)


def test_all_places_are_given_back() -> None:
    """Answered, refused, broken off: afterwards nothing is counted any more."""
    capacity = Capacity()
    with running(capacity=capacity) as gateway:
        for body in (b"{", json.dumps(question()).encode(), json.dumps(question(stream=True)).encode()):
            gateway.raw(raw_post(body, more="connection: close\r\n"))
            with gateway.connect() as peer:
                peer.sendall(raw_post(body)[:-1])
        until(lambda: not capacity.connections and not capacity.requests)


async def test_whoever_waits_gets_the_place() -> None:
    """In the order they came; one that was given up meanwhile is passed over."""
    capacity = Capacity(requests=1, waiting=3)
    capacity.requests = 4
    turns = [asyncio.create_task(capacity.place()) for _ in range(3)]
    await asyncio.sleep(0)
    turns[0].cancel()
    capacity.ended()
    await asyncio.sleep(0)
    assert not turns[1].done()
    capacity.ended()
    assert await turns[1] is True
    assert not turns[2].done()
    capacity.ended()
    assert await turns[2] is True


async def test_a_place_that_comes_too_late_goes_on() -> None:
    """Cancelled in the moment it was handed over: the next one gets it."""
    capacity = Capacity(requests=1, waiting=2)
    capacity.requests = 3
    turns = [asyncio.create_task(capacity.place()) for _ in range(2)]
    await asyncio.sleep(0)
    capacity.ended()
    turns[0].cancel()
    capacity.ended()
    assert await turns[1] is True


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while there is no place; beyond the bound there is none at once."""
    monkeypatch.setattr(capacity_module, "WAIT_S", 0.02)
    capacity = Capacity(requests=1, waiting=1)
    capacity.requests = 3
    first = asyncio.create_task(capacity.place())
    await asyncio.sleep(0)
    assert await capacity.place() is False
    assert await first is False
    assert len(capacity._waiting) == 0


def test_full_counts_those_that_wait() -> None:
    """At the head of a request: all places and all places to wait are taken."""
    capacity = Capacity(requests=2, waiting=1)
    capacity.requests = 2
    assert (capacity.is_full, capacity.requests > capacity.places) == (False, False)
    capacity.requests = 3
    assert (capacity.is_full, capacity.requests > capacity.places) == (True, True)


def test_a_request_waits_for_a_place() -> None:
    """One more than there are places is served when one is free."""
    with running(capacity=Capacity(requests=1)) as gateway:
        gateway.mock.pace = Pace(latency_s=0.2)
        with gateway.connect() as peer:
            peer.sendall(raw_post(json.dumps(question()).encode(), more="connection: close\r\n"))
            until(lambda: gateway.mock.calls)
            assert gateway.decide(question()).status_code == 200
            assert b" 200 OK" in read_all(peer)


def test_what_comes_with_a_head_counts() -> None:
    """Bytes of a body that came in the same read as its head are in memory as well; they used not to be counted."""
    capacity = Capacity(body_bytes=100_000)
    with running(capacity=capacity) as gateway, gateway.connect() as first, gateway.connect() as second:
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        head += b"content-length: 90000\r\n\r\n"
        first.sendall(head + b" " * 60_000)
        deadline = time.monotonic() + 20
        while capacity.body_bytes < 60_000 - COUNTED_BYTES:
            assert time.monotonic() < deadline, "it was not counted"
            time.sleep(0.01)
        second.sendall(head + b" " * 60_000)
        assert second.recv(12) == b"HTTP/1.1 503"


def test_bodies_together_have_a_limit() -> None:
    """Half-sent bodies that are too much together: the one that goes over is 503, and all is given back."""
    capacity = Capacity(body_bytes=100_000)
    with running(capacity=capacity) as gateway, gateway.connect() as first, gateway.connect() as second:
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        head += b"content-length: 90000\r\n\r\n"
        for peer in (first, second):
            peer.sendall(head)
            time.sleep(0.02)
            peer.sendall(b" " * 60_000)
        assert second.recv(12) == b"HTTP/1.1 503"
        first.sendall(b" " * 30_000)
        assert first.recv(12) == b"HTTP/1.1 400"
        first.close()
        second.close()
        until(lambda: not capacity.connections and not capacity.body_bytes)
