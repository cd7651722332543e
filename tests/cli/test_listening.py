"""Why an address cannot be listened at, and what helps."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from plano.cli.listening import trouble
from tests.waiting import PATIENCE_S


def plano(folder: Path, *words: str) -> str:
    """What a command that cannot listen says."""
    command = [sys.executable, "-m", "plano", *words]
    shown = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, timeout=PATIENCE_S)
    assert shown.returncode in (1, 2)
    assert "Traceback" not in shown.stderr
    return shown.stderr


@pytest.mark.parametrize("words", [("up",), ("up", "--workers", "2"), ("mock",)])
def test_a_taken_port_is_named_once(tmp_path: Path, words: tuple[str, ...]) -> None:
    """It stood there twice: "error while attempting to bind on address …" came behind the gateway's own words."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = plano(tmp_path, *words, "--port", port)
    assert said.count(port) == 1
    assert f"cannot listen on 127.0.0.1:{port}: address already in use; `--port 0` takes a free port\n" in said


@pytest.mark.parametrize("host", ["not a host", "example.com", "300.1.2.3", "127.0.0.1:80", ""])
def test_a_host_that_is_no_address_is_said_to_be_none(tmp_path: Path, host: str) -> None:
    """It was taken for one that anyone can reach, and ``callers`` were asked for."""
    said = plano(tmp_path, "up", "--dev", "--port", "0", "--host", host)
    assert "Invalid value for '--host': expected an IP address or localhost" in said
    assert "callers" not in said


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    """It was asked whether a gateway is running."""
    (tmp_path / "plano.yaml").write_text(
        "version: v0.4.0\nmodel_providers: [{model: ollama/m, base_url: 'http://127.0.0.1:1'}]\n"
        "callers: {keys: {one: sk-caller-0123456789}}\n"
    )
    said = plano(tmp_path, "up", "--port", "0", "--host", "192.0.2.1")
    assert "cannot listen on 192.0.2.1:0: cannot assign requested address; no interface of this machine has it" in said


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EADDRINUSE, "; `--port 0` takes a free port"),
        (errno.EACCES, "; ports below 1024 are for the superuser"),
        (errno.EMFILE, ""),
    ],
)
def test_each_cause_has_its_remedy(number: int, remedy: str) -> None:
    """The words of the system, and what to do about it where that is known."""
    assert trouble(OSError(number, "error while attempting to bind")) == os.strerror(number).lower() + remedy


def test_a_cause_without_a_number() -> None:
    """Its own words are all there is."""
    assert trouble(OSError("odd")) == "odd"
