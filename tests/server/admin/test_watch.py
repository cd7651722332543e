"""What whoever looks is told."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from plano.domain.attempt import Hold
from plano.observe.events import MAX_VIEWERS
from plano.signals.breaker import FAILURES_IN_A_ROW
from tests.running import CODE, A, B, C, Running, question


@contextmanager
def looking(gateway: Running) -> Iterator[Iterator[tuple[str, dict[str, object]]]]:
    """Kinds and documents of the events, as they come."""
    with socket.create_connection(("127.0.0.1", gateway.app.admin.port or 0), timeout=20) as peer:
        peer.sendall(b"GET /admin/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        yield _events(peer)


def _events(peer: socket.socket) -> Iterator[tuple[str, dict[str, object]]]:
    seen = b""
    while data := peer.recv(65536):
        seen += data
        while b"\n\n" in seen:
            event, _, seen = seen.partition(b"\n\n")
            kind = event.partition(b"event: ")[2].partition(b"\n")[0].decode()
            yield kind, json.loads(event.partition(b"data: ")[2])


def test_the_state_comes_first_and_then_each_request(gateway: Running) -> None:
    """Whoever begins to look sees where things stand, and then every answer with its trace."""
    with looking(gateway) as events:
        kind, state = next(events)
        assert (kind, state["is_ready"]) == ("state", True)
        trace_id = gateway.chat(question()).headers["traceparent"].split("-")[1]
        entry = next(document for kind, document in events if kind == "entry")
        assert entry["trace_id"] == trace_id
        after = next(document for kind, document in events if kind == "state")
        assert after["overview"]["total"]["requests"] == 1  # type: ignore[index]


def test_places_are_bounded_and_given_back(gateway: Running) -> None:
    """One viewer too many is refused; one that leaves makes room."""

    def status() -> tuple[bytes, socket.socket]:
        peer = socket.create_connection(("127.0.0.1", gateway.app.admin.port or 0), timeout=20)
        peer.sendall(b"GET /admin/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        return peer.recv(12)[-3:], peer

    held = [status() for _ in range(MAX_VIEWERS)]
    assert {said for said, _ in held} == {b"200"}
    late = status()
    assert late[0] == b"503"
    for _, peer in (*held, late):
        peer.close()
    due = time.monotonic() + 20
    said = b""
    while said != b"200" and time.monotonic() < due:
        said, peer = status()
        peer.close()
    assert said == b"200"


def test_the_state_of_models(gateway: Running) -> None:
    """Every declared model, with why it is not tried and for how long; prices with their source."""

    async def keep_back() -> None:
        gateway.app._decider.board.hold(C, Hold(60.0), now=gateway.app._decider.clock.monotonic())

    gateway.run(keep_back)
    gateway.mock.script(A.partition("/")[2], ["500"] * FAILURES_IN_A_ROW)
    for _ in range(FAILURES_IN_A_ROW):
        gateway.chat(question())
    models = {each["model"]: each for each in gateway.admin("/admin/state").json()["models"]}
    assert models[A]["absent"] == "ejected"
    assert 0 < models[A]["free_in_s"] <= 6
    assert (models[B]["absent"], models[B]["free_in_s"]) == (None, 0)
    assert models[C]["absent"] == "held"
    assert 50 < models[C]["free_in_s"] <= 60
    assert models[B]["price_usd_per_mtok"]["source"] == "catalog"


def test_the_series_of_all_and_of_one_model(gateway: Running) -> None:
    """Requests and errors over time."""
    gateway.mock.script(A.partition("/")[2], ["500"])
    gateway.chat(question())
    whole = gateway.admin("/admin/series").json()
    assert (sum(whole["requests"]), sum(whole["errors"])) == (1, 0)
    one = gateway.admin(f"/admin/series?model={A}").json()
    assert (sum(one["requests"]), sum(one["errors"])) == (1, 1)
    assert gateway.admin("/admin/series?model=nobody").json()["requests"] == [0]


def test_the_overview(gateway: Running) -> None:
    """By model and route, and what nobody measured is null."""
    gateway.mock.script(A.partition("/")[2], ["429"])
    gateway.chat(question())
    shown = gateway.admin("/admin/state").json()["overview"]
    rows = {row["model"]: row for row in shown["models"]}
    assert (rows[A]["attempts"], rows[A]["throttled"], rows[A]["served"]) == (1, 1, 0)
    assert (rows[B]["ok"], rows[B]["share"]) == (1, 1.0)
    assert rows[B]["usd_per_1k"] > 0
    assert rows[A]["first_token_s"] == {"p50": None, "p95": None, "p99": None}
    assert shown["routes"][0]["route"] == CODE
    assert shown["routes"][0]["fallbacks"] == 1
