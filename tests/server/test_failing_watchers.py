"""Whoever watches may fail, hang or sleep: callers are answered as ever, and what was lost is counted."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from plano.observe.events import MAX_WAITING_BYTES
from tests.observe.oracle import number_of
from tests.observe.traces.receiver import receiving
from tests.running import A, Running, mission_text, question, running

REQUESTS = 12


def answered(gateway: Running) -> None:
    """Every caller is answered, streams as well."""
    for number in range(REQUESTS):
        answer = gateway.chat(question(stream=number % 2 == 0))
        assert answer.status_code == 200
        assert answer.headers["x-plano-model"] == A


def counted(gateway: Running, name: str, number: int) -> None:
    """A number of the metrics reaches ``number``."""
    due = time.monotonic() + 40
    while (number_of(gateway.admin("/metrics").content, name) or 0) < number:
        assert time.monotonic() < due, gateway.admin("/metrics").text
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk() -> None:
    """The file of records cannot be written: each record is counted as lost there, and still kept in memory."""
    with running(f"{mission_text()}\nobservability: {{records_file: /dev/full}}\n") as gateway:
        answered(gateway)
        counted(gateway, "plano_records_dropped_total", REQUESTS)
        assert len(gateway.admin("/admin/records").json()["records"]) == REQUESTS


def test_a_dead_collector() -> None:
    """Nobody takes the spans."""
    with running(f"{mission_text()}\ntracing: {{opentracing_grpc_endpoint: 'http://127.0.0.1:1'}}\n") as gateway:
        answered(gateway)
        counted(gateway, "plano_traces_dropped_total", 1)
        answered(gateway)


def test_a_collector_that_hangs() -> None:
    """It takes a batch and never says so."""
    with receiving() as receiver:
        receiver.go_on.clear()
        with running(f"{mission_text()}\ntracing: {{opentracing_grpc_endpoint: '{receiver.url}'}}\n") as gateway:
            answered(gateway)
            answered(gateway)
            receiver.go_on.set()


def test_a_viewer_that_sleeps(gateway: Running) -> None:
    """It asks for the events and reads none: it is let go, and its place is free again."""
    events = gateway.app._watch.events
    with socket.create_connection(("127.0.0.1", gateway.app.admin.port or 0), timeout=20) as viewer:
        viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        viewer.sendall(b"GET /admin/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        due = time.monotonic() + 40
        while not events.wants_more:
            assert time.monotonic() < due
            time.sleep(0.01)

        async def shout() -> None:
            events.beat(b'{"x":"' + b"y" * (MAX_WAITING_BYTES // 2) + b'"}')

        while events.wants_more:
            assert time.monotonic() < due
            gateway.run(shout)
        answered(gateway)
