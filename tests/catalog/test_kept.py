"""Prices on disk: they come back with their age, and nothing that is wrong with the disk is anybody's problem."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plano.catalog.kept import KeptPrices
from plano.domain.catalog import Price, Rates, Tier

URL = "https://models.dev/api.json"
PRICES = {"a/b": Price(Rates(1.0, 2.0, 0.1, 1.25), (Tier(9, Rates(3.0, 4.0)),), 7.0), "c/d": Price(Rates(0.0, 0.0))}


def kept(folder: Path | None, wall: float) -> KeptPrices:
    """The keeper at that time."""
    return KeptPrices(None if folder is None else str(folder), lambda: wall)


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    """Every rate, and how old it is; each source has its own file, which only this user can look up."""
    folder = tmp_path / "state" / "plano"
    assert kept(folder, 1000.0).write(URL, PRICES)
    assert kept(folder, 1060.0).read(URL) == (PRICES, 60.0)
    assert kept(folder, 1060.0).read("https://other") is None
    assert folder.stat().st_mode & 0o077 == 0
    assert len(list(folder.iterdir())) == 1


def test_a_clock_that_was_set_back(tmp_path: Path) -> None:
    """A file from the future is new, not of a negative age."""
    kept(tmp_path, 1e9).write(URL, PRICES)
    assert kept(tmp_path, 5.0).read(URL) == (PRICES, 0.0)


def test_without_a_folder_nothing_is_kept() -> None:
    """No folder, no file."""
    assert not kept(None, 0.0).write(URL, PRICES)
    assert kept(None, 0.0).read(URL) is None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"url": "https://other"},
        {"prices": {}},
        {"prices": {"a": {"rates": {"input": -1, "output": 2}}}},
        {"prices": {"a": {"rates": {"input": 1}}}},
        {"said_at": None},
    ],
)
def test_a_damaged_file_is_none(tmp_path: Path, change: dict[str, object]) -> None:
    """Of another form, of another source, without prices or with odd ones: as if there were no file."""
    kept(tmp_path, 0.0).write(URL, PRICES)
    (path,) = tmp_path.iterdir()
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert kept(tmp_path, 0.0).read(URL) is None


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{", b"[" * 100_000])
def test_half_a_file_is_none(tmp_path: Path, content: bytes) -> None:
    """What a full disk or an editor left behind."""
    kept(tmp_path, 0.0).write(URL, PRICES)
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    assert kept(tmp_path, 0.0).read(URL) is None


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Nothing is kept, nothing is raised, nothing is left lying about."""
    taken = tmp_path / "taken"
    taken.write_text("a file")
    assert not kept(taken, 0.0).write(URL, PRICES)
    assert kept(taken, 0.0).read(URL) is None
    kept(tmp_path / "ok", 0.0).write(URL, PRICES)
    (path,) = (tmp_path / "ok").iterdir()
    path.unlink()
    path.mkdir()
    assert not kept(tmp_path / "ok", 0.0).write(URL, PRICES)
    assert [one.name for one in (tmp_path / "ok").iterdir()] == [path.name]
