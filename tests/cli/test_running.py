"""A running gateway is found by its file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from plano.cli.running import Told, VerdictFile, known_by_pid, pid_file, running_pid
from plano.config.load import load_text
from plano.config.settings import Settings
from tests.running import KEYS, mission_text


def settings(folder: str | None, port: int = 12_000) -> Settings:
    """Settings with that state directory and port."""
    found = load_text(mission_text(), KEYS)
    listener = replace(found.listeners[0], port=port)
    return replace(found, overrides=replace(found.overrides, state_dir=folder), listeners=(listener,))


def test_found_while_it_runs(tmp_path: Path) -> None:
    """From start to end, by its port."""
    one, other = settings(str(tmp_path / "state")), settings(str(tmp_path / "state"), 12_002)
    assert running_pid(one) is None
    with known_by_pid(one):
        assert (running_pid(one), running_pid(other)) == (os.getpid(), None)
    assert running_pid(one) is None


@pytest.mark.parametrize("content", ["", "x", "-1", "0", "99999999"])
def test_a_file_that_was_left_behind(tmp_path: Path, content: str) -> None:
    """Nobody is found by a file that names no living process."""
    one = settings(str(tmp_path))
    path = pid_file(one)
    assert path is not None
    path.write_text(content)
    assert running_pid(one) is None


def test_without_a_place_for_it(tmp_path: Path) -> None:
    """No folder, a port that is not known yet, a folder that cannot be written: it runs all the same."""
    (tmp_path / "file").write_text("")
    for one in (settings(None), settings(str(tmp_path), 0), settings(str(tmp_path / "file"))):
        with known_by_pid(one):
            assert running_pid(one) is None


def test_a_verdict_is_numbered(tmp_path: Path) -> None:
    """So that whoever asks knows the answer from an older one; a process that has ended says nothing."""
    one = VerdictFile(settings(str(tmp_path / "state")), 7)
    assert one.read() is None
    with one.opened():
        assert one.read() == Told(0)
        one.write(None, ("tracing",))
        one.write("no", ())
        assert one.read() == Told(2, "no")
    assert one.read() is None


def test_without_a_state_directory_nothing_is_said() -> None:
    """And nothing breaks."""
    one = VerdictFile(settings(None), 7)
    with one.opened():
        one.write("no", ())
        assert one.read() is None
