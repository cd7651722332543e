"""Asking a running gateway to take its changed file."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from click.testing import CliRunner

from plano.cli import validate
from plano.cli.reload import command
from tests.running import KEYS, mission_text


@pytest.fixture
def asked() -> Iterator[list[int]]:
    """The SIGHUPs that this process got."""
    found: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        found.append(number)

    before = signal.signal(signal.SIGHUP, note)
    yield found
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The examples' configuration."""
    path = tmp_path / "plano.yaml"
    path.write_text(f"{mission_text()}\noverrides: {{state_dir: '{tmp_path / 'state'}'}}\n")
    return path


def test_the_process_is_asked(file: Path, asked: list[int]) -> None:
    """By its id, or found by its file."""
    result = CliRunner(env=KEYS).invoke(command, [str(file), "--pid", str(os.getpid())])
    assert (result.exit_code, asked) == (0, [signal.SIGHUP])
    (file.parent / "state").mkdir()
    (file.parent / "state" / "gateway-12000.pid").write_text(str(os.getpid()))
    assert CliRunner(env=KEYS).invoke(command, [str(file)]).exit_code == 0
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("nonsense: 1\n", "PL-C010"),
        ("tests: [{prompt: write a sorting algorithm in Python, no_route: true}]\n", "1 of 1 tests fail"),
        ("", "no gateway was found"),
    ],
)
def test_nothing_is_asked_of_it(file: Path, asked: list[int], more: str, said: str) -> None:
    """A bad file, a test that fails, nobody there: exit code 1 and the reason, no signal."""
    file.write_text(file.read_text() + more)
    words = [str(file)] if not more else [str(file), "--pid", str(os.getpid())]
    result = CliRunner(env=KEYS).invoke(command, words)
    assert (result.exit_code, said in result.stderr, asked) == (1, True, [])


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the system does not say what a process is")
def test_another_program_is_left_alone(file: Path) -> None:
    """Its number may once have been a gateway's; the signal would end it."""
    with subprocess.Popen(["sleep", "60"]) as other:
        result = CliRunner(env=KEYS).invoke(command, [str(file), "--pid", str(other.pid)])
        assert (result.exit_code, "is no gateway" in result.output) == (1, True)
        assert other.poll() is None
        other.kill()


def test_validate_tries_the_tests(file: Path) -> None:
    """What a reload would refuse, ``plano validate`` refuses as well."""
    good = "tests: [{prompt: write a sorting algorithm in Python, route: code generation}]\n"
    text = file.read_text()
    file.write_text(text + good)
    assert CliRunner(env=KEYS).invoke(validate.command, [str(file)]).exit_code == 0
    file.write_text(text + good.replace("route: code generation", "no_route: true"))
    result = CliRunner(env=KEYS).invoke(validate.command, [str(file)])
    assert (result.exit_code, "test failed: " in result.stderr) == (1, True)
