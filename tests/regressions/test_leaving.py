"""Callers that leave at any moment, in every way: nothing of them stays, and the gateway goes on serving."""

from __future__ import annotations

import json
import random
import socket
import struct
import time
from contextlib import suppress

from plano.mock.behaviour import Pace
from plano.server.capacity import Capacity
from tests.running import Running, question, raw_post, running
from tests.waiting import PATIENCE_S

MODELS = ("claude-sonnet-4-20250514", "gpt-4o", "gpt-4o-mini")
WORDS = ("ok", "ok", "ok", "silence", "reset", "503", "cut-after-3")


def some_requests(chance: random.Random) -> bytes:
    """One to four requests in one go, some of them refused, some of them large."""
    made = []
    for _ in range(chance.randrange(1, 5)):
        size = chance.choice([1, 1000, 90_000])
        body = json.dumps(
            question(stream=chance.random() < 0.5, messages=[{"role": "user", "content": "x" * size}])
        ).encode()
        made.append(
            chance.choice(
                [
                    raw_post(body),
                    raw_post(body, more="expect: 100-continue\r\n"),
                    raw_post(body, path="/nope"),
                    raw_post(body[:-1] + b"!"),
                    b"HEAD /v1/models HTTP/1.0\r\nhost: localhost\r\n\r\n",
                ]
            )
        )
    return b"".join(made)


def send_some(peer: socket.socket, data: bytes, chance: random.Random) -> None:
    """A part of ``data``, or all of it, in pieces."""
    peer.setblocking(False)
    left = data[: len(data) if chance.random() < 0.6 else chance.randrange(len(data) + 1)]
    with suppress(BlockingIOError, ConnectionError):
        while left:
            left = left[peer.send(left[: chance.choice([len(left), 150, 30_000])]) :]


def leave(peer: socket.socket, chance: random.Random) -> None:
    """Reads a little or nothing; closes, half-closes before, or resets."""
    with suppress(OSError):
        if chance.random() < 0.5:
            peer.recv(chance.choice([1, 1000, 100_000]))
    with suppress(OSError):
        how = chance.randrange(3)
        if how == 0:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif how == 1:
            peer.shutdown(socket.SHUT_WR)
    peer.close()


def test_nothing_stays_of_those_who_leave() -> None:
    """After 600 of them: no request, no connection, no byte of a body is counted, and no defect was logged."""
    chance = random.Random(11)
    capacity = Capacity(requests=6, waiting=4, body_bytes=400_000)
    with running(capacity=capacity) as gateway:
        gateway.mock.pace = Pace(latency_s=0.001, tokens_per_s=3000)
        for model in MODELS:
            gateway.mock.script(model, chance.choices(WORDS, k=2000))
        here: list[socket.socket] = []
        for _ in range(600):
            here.append(gateway.connect())
            send_some(here[-1], some_requests(chance), chance)
            if len(here) > 12:
                leave(here.pop(chance.randrange(len(here))), chance)
        for peer in here:
            leave(peer, chance)
        _until_empty(gateway, capacity)
        for model in MODELS:
            gateway.mock.script(model, ["ok"])
        assert gateway.chat(question()).status_code == 200
        assert '"bug"' not in gateway.log.getvalue()


def _until_empty(gateway: Running, capacity: Capacity) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        pool = gateway.app._upstream.pool
        busy = sum(lane.size - len(lane._idle) + lane._opening + len(lane._waiting) for lane in pool._lanes.values())
        left = (capacity.requests, capacity.connections, capacity.body_bytes, len(capacity._waiting), busy)
        if left == (0, 0, 0, 0, 0):
            return
        assert time.monotonic() < deadline, left
        time.sleep(0.01)
