"""What ``scripts/setup`` says on a machine without a Python that is new enough."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.waiting import PATIENCE_S

NEEDED = "Plano needs Python 3.11 or later"
HOW = "PYTHON=/path/to/python3.11 scripts/demo"


def setup(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The script with nothing on its path but ``folder``, which holds the tools it begins with."""
    for tool in ("bash", "dirname"):
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    script = Path("scripts/setup").resolve()
    words = [str(script), str(folder / "venv"), "requirements/runtime.txt"]
    clean = {"PATH": str(folder), "HOME": os.environ.get("HOME", "/"), **env}
    return subprocess.run(
        ["/usr/bin/env", *words], capture_output=True, text=True, env=clean, check=False, timeout=PATIENCE_S
    )


def test_no_python_at_all(tmp_path: Path) -> None:
    """It ended without a word."""
    shown = setup(tmp_path)
    assert shown.returncode == 1
    assert shown.stderr == f"{NEEDED}, and there is none on the PATH; name one: {HOW}\n"


@pytest.mark.parametrize("name", ["python3", "python3.11"])
def test_an_old_python(tmp_path: Path, name: str) -> None:
    """It was said what is needed, but neither what was found nor how another one is named."""
    old = tmp_path / name
    old.write_text("#!/bin/sh\necho 3.9\nexit 1\n")
    old.chmod(0o755)
    shown = setup(tmp_path)
    assert shown.returncode == 1
    assert shown.stderr == f"{NEEDED}, {old} is 3.9; name another one: {HOW}\n"
    assert not (tmp_path / "venv").exists()


def test_a_python_that_is_named(tmp_path: Path) -> None:
    """``PYTHON`` goes before what is found."""
    old = tmp_path / "mine"
    old.write_text("#!/bin/sh\necho 2.7\nexit 1\n")
    old.chmod(0o755)
    assert f"{old} is 2.7;" in setup(tmp_path, PYTHON=str(old)).stderr


def test_a_newer_python_is_found(tmp_path: Path) -> None:
    """Where ``python3`` is an old one, those with a number in their name were not looked at."""
    for name, said, code in (("python3", "3.9", 1), ("python3.12", "3.12", 0)):
        one = tmp_path / name
        one.write_text(f"#!/bin/sh\n[ $1 = -c ] && echo {said} && exit {code}\necho {name} is asked >&2\nexit 7\n")
        one.chmod(0o755)
    for tool in ("cat", "cksum"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    shown = setup(tmp_path)
    assert shown.returncode == 7
    assert "python3.12 is asked" in shown.stderr
