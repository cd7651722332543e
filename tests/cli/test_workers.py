"""Several workers: one address, the same decisions, and a fallen one is replaced."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from plano.cli.workers import HEARD, Supervisor, apart, listening_sockets, settings_of
from plano.config.load import load_text
from plano.config.settings import Listener, Observability
from tests.cli.test_up import post, up
from tests.ports import free_port
from tests.running import KEYS, mission_text, question
from tests.waiting import PATIENCE_S, until

EACH = 5
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes below one."""
    return [int(each) for each in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The examples' configuration with an admin port that is free."""
    path = tmp_path / "plano.yaml"
    path.write_text(mission_text() + f"admin: {{port: {free_port()}}}\n")
    return path


needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="asks the system who the workers are")


@needs_proc
def test_both_serve_and_one_is_replaced(file: Path) -> None:
    """Either worker has the same bytes for the same question, and the first one's metrics, records and page show what
    both answered; one that is killed has a successor; TERM ends all.
    """
    with up("--dev", "--workers", "2", cwd=file.parent) as (process, url, said):
        assert "2 workers, each with its own breakers" in "".join(said)
        assert (json.loads(said[-1])["workers"], json.loads(said[-1])["pid"]) == (2, process.pid)
        admin = re.findall(r"port: (\d+)", file.read_text())[-1]
        until(lambda: _number(admin, "plano_workers") >= 2)
        answers: set[bytes] = set()
        for stopped in workers_of(process):
            # What a stopped one does not take, the other does.
            _stop(stopped)
            for _ in range(EACH):
                with httpx2.Client(trust_env=False, timeout=20) as client:
                    headers = {"traceparent": TRACE, "x-plano-routing": "off"}
                    answer = client.post(f"{url}/routing/v1/chat/completions", json=question(), headers=headers)
                answers.add(answer.content)
            os.kill(stopped, signal.SIGCONT)
        assert len(answers) == 1
        until(lambda: _number(admin, "plano_http_requests_total") >= 2 * EACH)
        assert _number(admin, "plano_http_requests_total") == 2 * EACH
        assert _asked(admin, f"/admin/records/{TRACE.split('-')[1]}").count('"ended_at"') == 2 * EACH
        assert json.loads(_asked(admin, "/admin/state"))["overview"]["total"]["requests"] == 2 * EACH
        for stopped in workers_of(process):
            _stop(stopped)
            with httpx2.Client(trust_env=False, timeout=20) as client:
                client.post(f"{url}/v1/chat/completions", json=question(), headers={"x-model-affinity": "s"})
            os.kill(stopped, signal.SIGCONT)
        until(lambda: _number(admin, "plano_session_events_total") >= 2 * len(("miss", "store")))
        before = workers_of(process)
        os.kill(before[0], signal.SIGKILL)
        until(lambda: not set(workers_of(process)) <= set(before) and len(workers_of(process)) == 2)
        assert post(f"{url}/v1/chat/completions", question(model="auto")).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert not any(Path(f"/proc/{each}").exists() for each in before)


@needs_proc
def test_workers_leave_after_their_supervisor(file: Path) -> None:
    """KILL ends a supervisor without a word to anybody: its workers notice, drain and leave; they used to serve on."""
    with up("--dev", "--workers", "2", cwd=file.parent) as (process, url, _):
        begun = workers_of(process)
        try:
            assert post(f"{url}/v1/chat/completions", question(model="auto")).status_code == 200
            process.kill()
            until(lambda: not any(_lives(each) for each in begun))
        finally:
            for each in filter(_lives, begun):
                os.kill(each, signal.SIGKILL)
        with pytest.raises(httpx2.ConnectError):
            post(f"{url}/v1/chat/completions", question(model="auto"))


@pytest.mark.parametrize("count", ["1", "2"])
def test_callers_that_come_while_a_stream_ends_are_told(file: Path, count: str) -> None:
    """With one process they were refused; with several nobody took their connection: they hung for half a minute."""
    with (
        up("--dev", "--workers", count, cwd=file.parent) as (process, url, _),
        httpx2.Client(trust_env=False, timeout=PATIENCE_S) as client,
    ):
        body = question(stream=True, messages=[{"role": "user", "content": "word " * 300}])
        with client.stream("POST", f"{url}/v1/chat/completions", json=body) as stream:
            pieces = stream.iter_text()
            received = next(pieces)
            process.send_signal(signal.SIGTERM)
            until(lambda: _is_draining(url))
            refused = post(f"{url}/routing/v1/chat/completions", question())
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "draining")
            received += "".join(pieces)
        assert received.endswith("data: [DONE]\n\n")
        assert process.wait(PATIENCE_S) == 0


def _is_draining(url: str) -> bool:
    with httpx2.Client(trust_env=False, timeout=PATIENCE_S) as client:
        return "draining" in client.get(f"{url}/readyz").text


def _lives(process: int) -> bool:
    """Does it run? One that has ended stays in the table of processes until somebody asks how it ended."""
    return _state(process) not in ("Z", "")


def _state(process: int) -> str:
    """What the system says a process does, nothing where it knows of none."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return ""


def _stop(process: int) -> None:
    """It takes no connection any more when this comes back."""
    os.kill(process, signal.SIGSTOP)
    until(lambda: _state(process) == "T")


def _asked(admin: str, path: str) -> str:
    """What the admin listener of the first worker says; nothing while it is not there."""
    try:
        with httpx2.Client(trust_env=False, timeout=20) as client:
            return client.get(f"http://127.0.0.1:{admin}{path}").text
    except httpx2.TransportError:
        return ""


def _number(admin: str, family: str) -> float:
    """The sum of a family."""
    lines = re.findall(rf"^{family}(?:{{.*}})? (\S+)", _asked(admin, "/metrics"), re.MULTILINE)
    return sum(float(each) for each in lines)


@needs_proc
def test_every_worker_forgets_its_promises(file: Path) -> None:
    """Their supervisor passes it on; nobody ends of the signal."""
    with up("--dev", "--workers", "2", cwd=file.parent) as (process, _, _):
        admin = re.findall(r"port: (\d+)", file.read_text())[-1]
        until(lambda: _number(admin, "plano_workers") >= 2)
        before = workers_of(process)
        process.send_signal(signal.SIGUSR1)
        assert process.stderr is not None
        heard = 0
        while heard < 2:
            line = process.stderr.readline()
            assert line
            heard += '"holds_cleared"' in line
        assert workers_of(process) == before


def test_told_to_end_before_a_worker_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is begun who would never be told, and what it hears is heard again afterwards."""
    supervisor = Supervisor(1, lambda _worker, _gone: None)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("somebody was begun"))
    supervisor._told(signal.SIGTERM, None)
    supervisor._start(0)
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & set(HEARD)


@pytest.mark.parametrize(("lived_s", "rests"), [(0.5, [1.0]), (9.0, [1.0]), (11.0, []), (86_400.0, [])])
def test_who_fell_at_once_is_replaced_later(
    monkeypatch: pytest.MonkeyPatch, lived_s: float, rests: list[float]
) -> None:
    """One that worked is replaced at once; it used to be missed for a second, whatever it had died of."""
    supervisor = Supervisor(1, lambda _worker, _gone: None)
    rested: list[float] = []
    begun: list[int] = []
    monkeypatch.setattr(time, "sleep", rested.append)
    monkeypatch.setattr(supervisor, "_start", begun.append)
    supervisor._replace(3, time.monotonic() - lived_s, -9)
    assert (rested, begun) == (rests, [3])


def test_who_cannot_begin_ends_all(tmp_path: Path) -> None:
    """What stops one worker at its start stops them all, with 1 and a reason: nobody is replaced for ever."""
    certificate = tmp_path / "broken.pem"
    certificate.write_text("none")
    listener = {"type": "model", "port": 0, "tls_certificate": str(certificate), "tls_key": str(certificate)}
    (tmp_path / "plano.yaml").write_text(mission_text() + f"listeners: [{json.dumps(listener)}]\n")
    done = subprocess.run(
        [sys.executable, "-m", "plano", "up", "--dev", "--workers", "2"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 1
    assert "its certificate cannot be used" in done.stderr
    assert "takes its place" not in done.stderr


def test_a_taken_port(tmp_path: Path) -> None:
    """Said before any worker begins."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        words = [sys.executable, "-m", "plano", "up", "--dev", "--workers", "2", "--port", port]
        done = subprocess.run(words, cwd=tmp_path, env={"PATH": "/"}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot listen on" in done.stderr


def test_settings_of_workers() -> None:
    """The first alone has an admin listener and a file of records; all else is the same."""
    settings = load_text(mission_text(), KEYS)
    settings = replace(settings, observability=Observability(records_file="here/records.jsonl"))
    assert settings_of(settings, 0) is settings
    third = settings_of(settings, 2)
    assert not third.admin.enabled
    assert third.observability.records_file is None
    assert replace(third, admin=settings.admin, observability=settings.observability) == settings


LIMITED = "ratelimits: [{model: gpt-4o, selector: {key: x, value: a}, limit: {tokens: 9, unit: day}}]\n"
SHARED = "routing: {session_cache: {type: redis, url: 'redis://localhost:6379'}}\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "retry budget, bounds on connections and requests and sessions (routing.session_cache shares them)"),
        (SHARED, "retry budget and bounds on connections and requests"),
        (LIMITED + SHARED, "requests and limits on tokens (divide them by the number of workers)"),
    ],
)
def test_what_they_keep_apart(more: str, said: str) -> None:
    """What a limit, a breaker or a session means with several workers is told, and nothing that is not configured."""
    told = apart(load_text(mission_text() + more, KEYS), 3)
    assert told.startswith("3 workers, each with its own breakers, ")
    assert told.endswith(said)


def test_sockets() -> None:
    """One for each listener, of its family."""
    first, second = listening_sockets([Listener("a", port=0), Listener("b", "127.0.0.1", 0)])
    with first, second:
        assert first.getsockname()[1] != second.getsockname()[1] != 0
