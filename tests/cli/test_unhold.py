"""Having models asked again that are held for their providers."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from types import FrameType

import pytest
from click.testing import CliRunner

from plano.cli.unhold import command
from tests.running import KEYS, mission_text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The examples' configuration."""
    path = tmp_path / "plano.yaml"
    path.write_text(f"{mission_text()}\noverrides: {{state_dir: '{tmp_path / 'state'}'}}\n")
    return path


def test_the_process_is_told(file: Path) -> None:
    """By a signal of its own, by its id or found by its file."""
    found: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        found.append(number)

    before = signal.signal(signal.SIGUSR1, note)
    try:
        result = CliRunner(env=KEYS).invoke(command, [str(file), "--pid", str(os.getpid())])
        assert (result.exit_code, "holds_cleared" in result.stderr) == (0, True)
        (file.parent / "state").mkdir()
        (file.parent / "state" / "gateway-12000.pid").write_text(str(os.getpid()))
        found_by_file = CliRunner(env=KEYS).invoke(command, [str(file), "--json"])
        assert json.loads(found_by_file.stdout) == {"file": str(file), "pid": os.getpid()}
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert found == [signal.SIGUSR1] * 2


def test_nobody_is_there(file: Path) -> None:
    """Exit code 1, and how to say who is meant."""
    result = CliRunner(env=KEYS).invoke(command, [str(file)])
    assert (result.exit_code, "no gateway was found" in result.stderr) == (1, True)
