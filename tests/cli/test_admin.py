"""Asking a running gateway: whatever answers instead of one is told in a sentence."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner, Result

from plano.cli import main
from plano.cli.admin import TOKEN
from tests.running import Running, mission_text, running

COMMANDS = [("top",), ("models", "--live"), ("trace",), ("trace", "-f"), ("trace", "0" * 32), ("explain", "--last")]


def plano(url: str, *arguments: str, env: dict[str, str] | None = None) -> Result:
    """The result of a command against that address."""
    return CliRunner().invoke(main, [*arguments, "--admin", url], env=env)


@contextmanager
def somebody(status: int, body: bytes, *, length: int | None = None) -> Iterator[str]:
    """The address of a server that gives everybody the same answer. ``length``: what it says of the body."""

    class Same(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Same) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (200, b"{}"), (200, b"[1]"), (200, b'{"records": '), (404, b"{}"), (500, b"\xff"), (302, b"")],
)
def test_somebody_else_answers(status: int, body: bytes) -> None:
    """Nothing that a stranger says is a defect of ours: one sentence, and code 1."""
    with somebody(status, body) as url:
        for command in COMMANDS:
            done = plano(url, *command)
            assert (done.exit_code, done.stdout) == (1, "")
            assert done.stderr.startswith(f"{url} is not the admin listener of a gateway")
            assert done.stderr.count("\n") == 1


def test_an_answer_that_breaks_off() -> None:
    """Is as good as none."""
    with somebody(200, b'{"records"', length=99) as url:
        done = plano(url, "trace")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"no gateway answers at {url}")


def test_the_listener_of_callers(gateway: Running) -> None:
    """Whoever names the other port is told so, and not that the request is not kept."""
    for command in COMMANDS:
        assert "is not the admin listener" in plano(gateway.url, *command).stderr


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:12001", "ftp://x", "http://", "http://[::1", "http://h:port", "http://h:99999", "http://h:0"]
)
def test_an_address_that_is_none(url: str) -> None:
    """Wrong usage, code 2, with an example of one."""
    done = plano(url, "top")
    assert done.exit_code == 2
    assert "is no address such as http://127.0.0.1:12001" in done.stderr


@pytest.mark.parametrize(("env", "said"), [({}, f"set {TOKEN}"), ({TOKEN: "wrong"}, f"that in {TOKEN} is another")])
def test_the_token(env: dict[str, str], said: str) -> None:
    """Whether none was sent or another one: these are two mistakes."""
    with running(f"{mission_text()}\nadmin: {{token: admin-token-0123456789}}\n") as gateway:
        done = plano(f"http://127.0.0.1:{gateway.app.admin.port}", "top", env=env)
    assert done.stderr.endswith(f"asks for its token: {said}\n")
    assert "wrong" not in done.stderr
