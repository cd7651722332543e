"""The pinned packages."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest
from catalog.merge import TRUST
from catalog.packages import WHEELS, Wheel, read

REQUIREMENTS = Path(__file__).resolve().parents[2] / "catalog" / "requirements.txt"
WHEEL = Wheel("genai-prices", "1.0", "2026-01-01", "a/data.py", hashlib.sha256(b"data").hexdigest())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one wheel."""
    with ZipFile(tmp_path / "genai_prices-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("a/data.py", "data")
    return tmp_path


def test_the_data_file_of_a_wheel(folder: Path) -> None:
    """Read out of the archive; nothing is unpacked or imported."""
    assert read(folder, WHEEL) == b"data"


def test_another_file_than_the_pinned_one_is_refused(folder: Path) -> None:
    """The checksum is the file's own, so that the platform of a wheel does not matter."""
    with pytest.raises(SystemExit, match="not the one that is pinned"):
        read(folder, replace(WHEEL, sha256="0" * 64))


def test_a_missing_wheel_is_named(tmp_path: Path) -> None:
    """With the way to get it."""
    with pytest.raises(SystemExit, match=r"genai_prices-1\.0-\*\.whl"):
        read(tmp_path, WHEEL)


def test_the_table_and_the_requirements_say_the_same() -> None:
    """Every package is pinned once, trusted to some degree, and dated."""
    pinned = {line for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")}
    assert pinned == {f"{wheel.name}=={wheel.version}" for wheel in WHEELS}
    assert {wheel.name for wheel in WHEELS} == set(TRUST)
    assert all(date.fromisoformat(wheel.date) for wheel in WHEELS)
