"""``plano up`` as a process: ready, serving, draining, and what it says when it cannot start."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.running import ASK, CODE, A, B, mission_text, question
from tests.waiting import PATIENCE_S, until

SAME_CODE = {name: value for name, value in os.environ.items() if name == "PYTHONPATH"}
"""The code that is tested, where it is not the installed one."""


@contextmanager
def up(
    *words: str, cwd: Path, env: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """A running gateway: the process, its address, and what it said until it was ready."""
    command = [sys.executable, "-m", "plano", "up", *words, "--port", "0"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=cwd, env=(env or {"PATH": "/usr/bin:/bin"}) | SAME_CODE
    )
    assert process.stderr is not None
    said: list[str] = []
    try:
        for line in process.stderr:
            said.append(line)
            if '"event":"ready"' in line:
                yield process, json.loads(line)["api"][0].removesuffix("/v1"), said
                return
        raise AssertionError("".join(said))
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)
        process.stderr.close()


def post(url: str, body: object) -> httpx2.Response:
    """The answer to a JSON POST."""
    with httpx2.Client(trust_env=False, timeout=PATIENCE_S) as client:
        return client.post(url, json=body)


def test_dev_mode_serves_the_examples_configuration(tmp_path: Path) -> None:
    """No keys: every declared model is served by the mock provider, loudly, and the routes work."""
    (tmp_path / "plano.yaml").write_text(mission_text())
    with up("plano.yaml", "--dev", cwd=tmp_path) as (_, url, said):
        assert f"DEV MODE: mock answers, not the real models, for {A}, {B}, openai/gpt-4o-mini" in "".join(said)
        answer = post(f"{url}/v1/chat/completions", question())
        assert answer.headers["x-plano-attempts"] == f"{A}=200"
        assert answer.headers["x-plano-route"] == CODE
        assert answer.json()["choices"][0]["message"]["content"].endswith(ASK)


def test_without_file_and_keys_it_serves_mock_models(tmp_path: Path) -> None:
    """``plano up`` alone works offline; the mock models answer (they used to be called where nobody listens)."""
    with up(cwd=tmp_path) as (_, url, said):
        assert "serving mock models, offline" in "".join(said)
        answer = post(f"{url}/v1/chat/completions", question(model="auto"))
        assert (answer.status_code, answer.headers["x-plano-route"]) == (200, CODE)


def test_what_no_terminal_reads_is_json(tmp_path: Path) -> None:
    """Warnings, notes and what is served: each a document of one line, before the log's own; the digest of the
    configuration is that of what ``plano config show`` prints, and another one once a value is.
    """
    file = tmp_path / "plano.yaml"
    digests = []
    for text in (mission_text(), mission_text() + "tracing: {random_sampling: 50}\n"):
        file.write_text(text)
        with up("plano.yaml", "--dev", cwd=tmp_path) as (process, _, said):
            documents = [json.loads(line) for line in said]
        assert [each["event"] for each in documents] == ["warning"] * 3 + ["note", "ready"]
        assert documents[-1]["mocked"] == [A, B, "openai/gpt-4o-mini"]
        assert (documents[-1]["pid"], documents[-1]["config"]["file"]) == (process.pid, "plano.yaml")
        command = [sys.executable, "-m", "plano", "config", "show", "plano.yaml", "--dev"]
        shown = subprocess.run(
            command, cwd=tmp_path, env=SAME_CODE, capture_output=True, check=True, timeout=PATIENCE_S
        )
        digests.append(documents[-1]["config"]["sha"])
        assert digests[-1] == hashlib.sha256(shown.stdout).hexdigest()
    assert digests[0] != digests[1]


def test_a_program_is_told_on_stdout(tmp_path: Path) -> None:
    """``--json``: one line on stdout, which a script can wait for."""
    command = [sys.executable, "-m", "plano", "up", "--port", "0", "--quiet", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=tmp_path, env=SAME_CODE
    ) as up:
        assert up.stdout is not None
        ready = json.loads(up.stdout.readline())
        answer = post(f"{ready['api'][0]}/chat/completions", question(model="auto"))
        up.send_signal(signal.SIGTERM)
        assert (up.stdout.read(), up.wait(PATIENCE_S)) == (b"", 0)
    assert answer.status_code == 200
    assert ready["config"]["file"] is None


def test_a_terminal_is_shown_sentences(tmp_path: Path) -> None:
    """On a terminal the same facts are lines for people."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "plano", "up", "--port", "0", "--quiet"]
    with subprocess.Popen(command, stderr=theirs, cwd=tmp_path, env=SAME_CODE) as up, open(ours) as terminal:
        os.close(theirs)
        assert "serving mock models, offline" in terminal.readline()
        assert terminal.readline().startswith("DEV MODE: ")
        assert re.match(
            r"plano \S+   no configuration file \(sha [0-9a-f]{12}\)   ready after .*, pid", terminal.readline()
        )
        assert terminal.readline().startswith("  API     http://127.0.0.1:")
        up.send_signal(signal.SIGTERM)
        assert up.wait(PATIENCE_S) == 0


def test_with_a_key_it_serves_that_provider(tmp_path: Path) -> None:
    """A key in the environment is enough; the key is not shown."""
    env = {"PATH": "/usr/bin:/bin", "OPENAI_API_KEY": "sk-planted-0001"}
    with up(cwd=tmp_path, env=env) as (_, url, said):
        assert "openai/*" in "".join(said)
        assert "planted" not in "".join(said)
        decision = post(f"{url}/routing/v1/chat/completions", question(model="openai/gpt-9")).json()
        assert decision["models"] == ["openai/gpt-9"]


def test_terminate_lets_running_answers_finish(tmp_path: Path) -> None:
    """TERM: the running stream ends whole, new requests are refused, the process ends with 0."""
    (tmp_path / "plano.yaml").write_text(mission_text())
    with (
        up("plano.yaml", "--dev", "--quiet", cwd=tmp_path) as (process, url, _),
        httpx2.Client(timeout=PATIENCE_S) as client,
    ):
        body = question(stream=True, messages=[{"role": "user", "content": "word " * 30}])
        with client.stream("POST", f"{url}/v1/chat/completions", json=body) as stream:
            pieces = stream.iter_text()
            received = next(pieces)
            process.send_signal(signal.SIGTERM)
            received += "".join(pieces)
        assert received.endswith("data: [DONE]\n\n")
        assert process.wait(PATIENCE_S) == 0


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    """A port in use: exit 1, one line, no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "plano", "up", "--port", str(port)]
        shown = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=PATIENCE_S)
    assert shown.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("more", ["--host=0.0.0.0", "--host=::"])
def test_an_option_opens_the_gateway_to_nobody(tmp_path: Path, more: str) -> None:
    """Beyond loopback, callers need keys, whether the address stands in the file or in the command."""
    command = [sys.executable, "-m", "plano", "up", "--dev", "--port", "0", more]
    shown = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=PATIENCE_S)
    assert shown.returncode == 1
    assert "callers" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_a_taken_admin_port_that_stands_in_the_file(tmp_path: Path) -> None:
    """Exit 1, one line that names the address, no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "plano.yaml").write_text(f"{mission_text()}\nadmin: {{port: {port}}}\n")
        command = [sys.executable, "-m", "plano", "up", "--dev", "--port", "0"]
        shown = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=PATIENCE_S)
    assert shown.returncode == 1
    assert f"the admin listener cannot listen on 127.0.0.1:{port}: address already in use\n" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_the_admin_listener_is_said(tmp_path: Path) -> None:
    """The address stands in the banner, and what is there can be scraped."""
    (tmp_path / "plano.yaml").write_text(f"{mission_text()}\nadmin: {{port: 0}}\n")
    with up("plano.yaml", "--dev", cwd=tmp_path) as (_, url, said):
        post(f"{url}/v1/chat/completions", question())
        ready = json.loads(said[-1])
        with httpx2.Client(trust_env=False, timeout=PATIENCE_S) as client:
            page = client.get(ready["ui"])
            scrape = client.get(ready["metrics"]).text
        assert "<title>Plano</title>" in page.text
        assert 'plano_http_requests_total{path="/v1/chat/completions",status="200"} 1\n' in scrape


def _taken() -> socket.socket:
    """The default admin port is somebody's, and stays so: the gateways of other tests have it for a moment only."""

    def ours() -> socket.socket | None:
        try:
            return socket.create_server(("127.0.0.1", 12001))
        except OSError:
            return None

    try:
        return until(ours)
    except AssertionError:
        return socket.socket()


def test_another_gateways_admin_port_stops_nobody(tmp_path: Path) -> None:
    """Two gateways with the default: the second one serves, and says in one line why it cannot be looked at."""
    with _taken(), up(cwd=tmp_path) as (_, url, said):
        ready = json.loads(said[-1])
        assert ready["ui"] is None
        assert ready["admin_trouble"] == "the admin listener cannot listen on 127.0.0.1:12001: address already in use"
        assert post(f"{url}/routing/v1/chat/completions", question(model="auto")).status_code == 200


def test_mock_command() -> None:
    """``plano mock`` serves what it was told to."""
    command = [sys.executable, "-m", "plano", "mock", "--port", "0", "--model", "a=429-retry-after-2,ok", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        address = process.stderr.readline().split()[-1]
        assert json.loads("".join(process.stdout.readline() for _ in range(4))) == {"url": address, "control_url": None}
        body = {"model": "a", "messages": [{"role": "user", "content": "hi"}]}
        first, second = (post(f"{address}/chat/completions", body) for _ in range(2))
        assert (first.status_code, first.headers["retry-after"], second.status_code) == (429, "2", 200)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.stdout.close()
        process.stderr.close()


def test_log_has_one_line_per_request(tmp_path: Path) -> None:
    """Each request is one JSON line with its trace id; no prompt in it."""
    with up(cwd=tmp_path) as (process, url, _):
        decision = post(f"{url}/routing/v1/chat/completions", question(model="auto")).json()
        assert process.stderr is not None
        while '"event"' not in (line := process.stderr.readline()):
            assert line
    entry = json.loads(line)
    assert (entry["event"], entry["trace_id"], entry["status"]) == ("request", decision["trace_id"], 200)
    assert ASK not in line


def until_listed(url: str, wanted: list[str]) -> None:
    """Comes back when decisions of the gateway list these models; the suite's own time limit is the deadline."""
    while post(f"{url}/routing/v1/chat/completions", question()).json()["models"] != wanted:
        time.sleep(0.02)


def test_a_changed_file_is_taken(tmp_path: Path) -> None:
    """On SIGHUP at once, and without one when the file is looked at again; a bad file changes nothing."""
    file = tmp_path / "plano.yaml"
    file.write_text(mission_text())
    turned = mission_text().replace(f"      - {A}\n      - {B}\n", f"      - {B}\n      - {A}\n")
    with up("plano.yaml", "--dev", "--quiet", cwd=tmp_path) as (process, url, _):
        until_listed(url, [A, B])
        file.write_text(turned)
        process.send_signal(signal.SIGHUP)
        until_listed(url, [B, A])
        file.write_text(turned + "nonsense: 1\n")
        process.send_signal(signal.SIGHUP)
        with httpx2.Client(trust_env=False, timeout=PATIENCE_S) as client:
            while not client.get(f"{url}/readyz").json()["notes"]:
                time.sleep(0.02)
        until_listed(url, [B, A])
        file.write_text(mission_text())
        until_listed(url, [A, B])


def reloaded(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What ``plano reload`` says."""
    command = [sys.executable, "-m", "plano", "reload", *words]
    env = {"PATH": "/usr/bin:/bin"} | SAME_CODE
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE_S)


def test_reload_says_what_became_of_it(tmp_path: Path) -> None:
    """Taken, taken but for what needs a restart, refused by its own tests, refused by the gateway alone."""
    file = tmp_path / "plano.yaml"
    text = f"{mission_text()}\noverrides: {{state_dir: '{tmp_path / 'state'}'}}\n"
    turned = text.replace(f"      - {A}\n      - {B}\n", f"      - {B}\n      - {A}\n")
    file.write_text(text)
    keys = {"PATH": "/usr/bin:/bin", "ANTHROPIC_API_KEY": "sk-ant-test-a", "OPENAI_API_KEY": "sk-test-o"}
    with up("plano.yaml", "--quiet", cwd=tmp_path, env=keys) as (process, url, _):
        mine = ("--pid", str(process.pid))
        file.write_text(turned + "tests: [{prompt: write a sorting algorithm, first_model: openai/gpt-4o}]\n")
        taken = reloaded(*mine, cwd=tmp_path)
        assert (taken.returncode, taken.stderr) == (0, f"process {process.pid} took plano.yaml\n")
        assert post(f"{url}/routing/v1/chat/completions", question()).json()["models"] == [B, A]
        file.write_text(turned + "admin: {port: 12009}\n")
        partly = reloaded(*mine, "--json", cwd=tmp_path)
        assert (partly.returncode, "only a restart changes admin" in partly.stderr) == (0, True)
        said = {"file": "plano.yaml", "pid": process.pid, "is_taken": True, "refused": None, "failed_tests": []}
        assert json.loads(partly.stdout) == {**said, "needs_restart": ["admin"]}
        file.write_text(turned + "tests: [{prompt: write a sorting algorithm, no_route: true}]\n")
        untrue = reloaded(*mine, cwd=tmp_path)
        assert (untrue.returncode, "1 of 1 tests fail" in untrue.stderr) == (1, True)
        file.write_text(text.replace("$OPENAI_API_KEY", "$NOBODY_HAS_THIS_KEY"))
        refused = reloaded(*mine, cwd=tmp_path)
        assert (refused.returncode, "keeps its old configuration" in refused.stderr) == (1, True)
        assert "NOBODY_HAS_THIS_KEY" in refused.stderr
        assert post(f"{url}/routing/v1/chat/completions", question()).json()["models"] == [B, A]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_log_on_a_full_disk(tmp_path: Path) -> None:
    """It starts, serves, and ends as ever; it used to take the first sentence it could not write for a taken port."""
    (tmp_path / "plano.yaml").write_text(mission_text())
    words = [sys.executable, "-m", "plano", "up", "plano.yaml", "--dev", "--port", "0", "--json"]
    env = {"PATH": "/usr/bin:/bin"} | SAME_CODE
    with (
        open("/dev/full", "wb") as full,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=full, text=True, cwd=tmp_path, env=env) as process,
    ):
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["api"][0].removesuffix("/v1")
            for _ in range(3):
                assert post(f"{url}/v1/chat/completions", question()).status_code == 200
            process.terminate()
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()
