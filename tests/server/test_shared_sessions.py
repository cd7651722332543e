"""Sessions in a real Redis, where one is installed: shared, unreadable, and never in the way of a request."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plano.server.reloading import Reloader
from plano.upstream import valkey
from tests.ports import free_port
from tests.running import A, B, Running, mission_text, question, running
from tests.waiting import PATIENCE_S

S1 = {"x-model-affinity": "s1-very-odd"}
PASSWORD = "hunter2-very-odd"


def program() -> str:
    """The server that is installed."""
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    assert found is not None, "collected only where one is installed: see conftest.py"
    return found


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still is no silent store, which has a test of its own."""
    monkeypatch.setattr(valkey, "ANSWER_S", PATIENCE_S)


@contextmanager
def store(port: int, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A store at ``port`` that is ready."""
    words = ["--port", str(port), "--requirepass", PASSWORD, "--save", "", "--dir", str(folder), "--bind", "127.0.0.1"]
    with subprocess.Popen([program(), *words], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert any("Ready to accept connections" in line for line in process.stdout)
            yield process
        finally:
            process.kill()


def configuration(port: int, *, database: int = 3) -> str:
    """The examples' configuration with its sessions at ``port``."""
    url = f"redis://:{PASSWORD}@127.0.0.1:{port}/{database}"
    return f"{mission_text()}routing: {{session_cache: {{type: redis, url: '{url}', tenant_header: x-tenant}}}}\n"


def told(gateway: Running, *, pinned: bool, within_s: float = 30.0) -> bool:
    """Does a decision of the session become (not) pinned?"""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        answer = gateway.decide(question(), S1)
        assert answer.status_code == 200, gateway.log.getvalue()
        if answer.json()["pinned"] is pinned:
            return True
        time.sleep(0.05)
    return False


def kept(gateway: Running, *, answers: int = 0, within_s: float = 30.0) -> bool:
    """Is the binding of every decision so far in the store, and once more where its usage was known afterwards, as of
    so many ``answers``? They are written after the answers are.
    """
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        lines = gateway.admin("/metrics").text.splitlines()
        told_of = [line.rpartition(" ") for line in lines if line.startswith("plano_session_events_total{")]
        counts = {series.split('"')[1]: float(count) for series, _, count in told_of}
        if counts["store"] == counts["hit"] + counts["miss"] + answers:
            return True
        time.sleep(0.02)
    return False


def said_to(port: int, *commands: str) -> bytes:
    """What the store answers to commands of one line each."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        lines = [f"AUTH {PASSWORD}", "SELECT 3", *commands, "QUIT"]
        peer.sendall("".join([f"{line}\r\n" for line in lines]).encode())
        received = b""
        while data := peer.recv(65536):
            received += data
        return received


def test_two_gateways_share_their_sessions(tmp_path: Path) -> None:
    """What one binds the other pins; nothing that a caller said stands in the store, and it forgets by itself."""
    port = free_port()
    with store(port, tmp_path), running(configuration(port)) as one, running(configuration(port)) as other:
        one.mock.script(A.partition("/")[2], ["500"])
        assert one.chat(question(), {**S1, "x-tenant": "acme-very-odd"}).headers["x-plano-model"] == B
        one.decide(question(), S1)
        assert told(other, pinned=True)
        assert other.decide(question(), {**S1, "x-tenant": "acme-very-odd"}).json()["models"] == [B, A]
        keys = said_to(port, "KEYS *").decode("ascii")
        names = [line for line in keys.splitlines() if line.startswith("plano:session:")]
        dump = said_to(port, *[f"GET {name}" for name in names], *[f"TTL {name}" for name in names])
        assert len(names) == 2
        assert not any(word in keys.encode() + dump for word in (b"very-odd", b"sorting"))
        assert b":-1\r\n" not in dump
        assert other.get("/readyz").json()["notes"] == []


def test_the_cost_of_a_session_is_that_of_all_gateways(tmp_path: Path) -> None:
    """A turn here knows what the turns elsewhere have cost; each used to know its own alone."""
    port = free_port()
    with store(port, tmp_path), running(configuration(port)) as one, running(configuration(port)) as other:
        for gateway in (one, other):
            answer = gateway.chat(question(), S1)
            gateway.chat(question(), S1)
            assert kept(gateway, answers=2)
            assert told(other, pinned=True)
        (last, before) = [each for each in other.admin("/admin/records").json()["records"] if "cost_usd" in each][:2]
        spent = [each["decision"]["session"]["cost_usd"] for each in (before, last)]
        assert answer.headers["x-plano-model"] == before["served_by"]
        assert spent == pytest.approx([2 * before["cost_usd"], 3 * before["cost_usd"]])


def test_an_altered_record_is_no_session(tmp_path: Path) -> None:
    """Whoever can write to the store cannot steer a conversation."""
    port = free_port()
    with store(port, tmp_path), running(configuration(port)) as gateway:
        gateway.decide(question(), S1)
        assert told(gateway, pinned=True)
        assert kept(gateway)
        (name,) = [line for line in said_to(port, "KEYS *").decode().splitlines() if line.startswith("plano")]
        said_to(port, f"SETRANGE {name} 40 X")
        assert gateway.decide(question(), S1).json()["pinned"] is False


def test_a_store_that_is_not_there_stops_nobody(tmp_path: Path) -> None:
    """The gateway starts and serves, says so in readyz, log and metrics; once the store is there, sessions work."""
    port = free_port()
    with running(configuration(port)) as gateway:
        answer = gateway.decide(question(), S1)
        assert (answer.status_code, answer.json()["pinned"], answer.json()["session_id"]) == (
            200,
            False,
            S1["x-model-affinity"],
        )
        ready = gateway.get("/readyz")
        assert ready.status_code == 200
        assert any(note.startswith("session store: ") for note in ready.json()["notes"])
        with store(port, tmp_path):
            assert told(gateway, pinned=True)
            assert gateway.get("/readyz").json()["notes"] == []
            # Not later: the last binding is written after its answer, and may find the store gone again.
            log = gateway.log.getvalue()
        assert (log.count("session_store_failed"), log.count("session_store_recovered")) == (1, 1)
        assert PASSWORD not in log
        assert 'outcome="error"} 0' not in gateway.admin("/metrics").text


def test_a_store_that_stops_answering_costs_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in its tracks, it costs sessions, not answers; it goes on where it was."""
    monkeypatch.setattr(valkey, "ANSWER_S", 0.25)
    port = free_port()
    with store(port, tmp_path) as process, running(configuration(port)) as gateway:
        gateway.decide(question(), S1)
        assert told(gateway, pinned=True)
        subprocess.run(["kill", "-STOP", str(process.pid)], check=True)
        try:
            assert told(gateway, pinned=False)
            assert [gateway.chat(question(), S1).status_code for _ in range(3)] == [200] * 3
        finally:
            subprocess.run(["kill", "-CONT", str(process.pid)], check=True)
        assert told(gateway, pinned=True)


def test_a_wrong_password_is_said_without_it(tmp_path: Path) -> None:
    """The reason names the code of the refusal."""
    port = free_port()
    text = configuration(port).replace(PASSWORD, "another-very-odd")
    with store(port, tmp_path), running(text) as gateway:
        assert gateway.decide(question(), S1).json()["pinned"] is False
        (note,) = gateway.get("/readyz").json()["notes"]
        assert "WRONGPASS" in note
        assert "another-very-odd" not in note + gateway.log.getvalue()


def test_a_reload_may_bring_a_store_and_take_it_away(tmp_path: Path) -> None:
    """From then on the sessions there count; those in memory are still known when it is gone again."""
    port = free_port()

    def renew(gateway: Running, text: str) -> str | None:
        reloader = Reloader(gateway.app, lambda: gateway.settings(text), log=gateway.app._log)
        return gateway.run(reloader.reload)

    with store(port, tmp_path), running() as gateway:
        gateway.decide(question(), S1)
        assert renew(gateway, configuration(port)) is None
        assert gateway.decide(question(), S1).json()["pinned"] is False
        assert told(gateway, pinned=True)
        assert b"plano:session:" in said_to(port, "KEYS *")
        assert renew(gateway, mission_text() + "routing: {session_ttl_seconds: 700}\n") is None
        assert gateway.decide(question(), S1).json()["pinned"] is True
        assert gateway.get("/readyz").json()["notes"] == []
