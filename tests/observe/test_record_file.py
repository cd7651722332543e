"""Records in a file: bounded, and nobody waits for it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plano.observe import record_file
from plano.observe.record_file import HANDED_OVER, OLDER_FILES, RecordFile


def written(path: Path) -> list[bytes]:
    """The lines of a file."""
    return path.read_bytes().splitlines()


def until(is_so: Callable[[], bool]) -> None:
    """Waits for something another thread does."""
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def test_a_line_for_each(tmp_path: Path) -> None:
    """In order, after what stood there before; readable by its owner alone."""
    path = tmp_path / "records.jsonl"
    for batch in ([b'{"n":1}', b'{"n":2}'], [b'{"n":3}']):
        file = RecordFile(path)
        file.follow(batch)
        file.close()
    assert written(path) == [b'{"n":1}', b'{"n":2}', b'{"n":3}']
    assert path.stat().st_mode & 0o777 == 0o600
    assert file.dropped == 0


def test_it_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full file makes room; so many older ones are kept and no more, and the newest lines are in the newest."""
    path = tmp_path / "records.jsonl"
    monkeypatch.setattr(record_file, "MAX_WAITING", 100)
    file = RecordFile(path, largest=100)
    for number in range(42):
        file.follow([b'{"number":%9d}' % number])
        file.beat()
    file.close()
    files = sorted(tmp_path.iterdir())
    assert len(files) == 1 + OLDER_FILES
    assert all(each.stat().st_size <= 100 for each in files)
    names = [*(f"{path.name}.{age}" for age in range(OLDER_FILES, 0, -1)), path.name]
    lines = [line for name in names for line in written(tmp_path / name)]
    assert lines == sorted(lines)
    assert lines[-1] == b'{"number":%9d}' % 41


def test_it_moves(tmp_path: Path) -> None:
    """What was taken before is in the file of before, which is closed; without a file nothing is wanted."""
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    file = RecordFile()
    assert not file.wants_more
    for path, number in ((first, 1), (second, 2), (first, 3)):
        file.move(path)
        assert file.wants_more
        file.follow([b'{"n":%d}' % number])
    file.move(None)
    assert not file.wants_more
    file.close()
    assert (written(first), written(second)) == ([b'{"n":1}', b'{"n":3}'], [b'{"n":2}'])


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """Counted, and tried again with the next batch."""
    path = tmp_path / "missing" / "records.jsonl"
    said: list[str] = []
    file = RecordFile(path, report=said.append)
    file.follow([b"{}"])
    file.beat()
    file.follow([b"{}", b"{}"])
    file.close()
    assert file.dropped == 3
    assert said == ["No such file or directory"]


def test_trouble_is_told_each_time_it_begins(tmp_path: Path) -> None:
    """Why the file cannot be written, once; again when it could be in between."""
    missing, there, said = tmp_path / "missing" / "records.jsonl", tmp_path / "records.jsonl", list[str]()
    file = RecordFile(missing, report=said.append)
    for dropped in (1, 2, 3):
        file.follow([b"{}"])
        file.beat()
        until(lambda wanted=dropped: file.dropped == wanted)  # type: ignore[misc]
    assert len(said) == 1
    file.move(there)
    file.follow([b"{}"])
    file.beat()
    until(lambda: there.exists() and written(there) == [b"{}"] and file._trouble is None)
    file.beat()
    file.move(missing)
    file.follow([b"{}"])
    file.close()
    assert len(said) == 2


def test_a_file_of_before_is_not_made_larger(tmp_path: Path) -> None:
    """What a gateway before this one left counts: the first batch goes to a new file where it has no room."""
    path = tmp_path / "records.jsonl"
    for line in (b"1" * 60, b"2" * 60):
        file = RecordFile(path, largest=100)
        file.follow([line])
        file.close()
    assert (written(path), written(tmp_path / "records.jsonl.1")) == ([b"2" * 60], [b"1" * 60])


def test_a_full_disk(tmp_path: Path) -> None:
    """Nothing is raised; what is lost is counted."""
    if not Path("/dev/full").exists():
        return
    file = RecordFile(Path("/dev/full"))
    file.follow([b"{}"])
    file.close()
    assert file.dropped == 1


def test_handed_over_together(tmp_path: Path) -> None:
    """The thread is woken twice a second, or for many records: not for each batch of them."""
    path = tmp_path / "records.jsonl"
    file = RecordFile(path)
    file.follow([b"{}"] * (HANDED_OVER - 1))
    assert file._thread is None
    file.follow([b"{}"])
    assert file._thread is not None
    file.follow([b"{}"])
    file.close()
    assert len(written(path)) == HANDED_OVER + 1


def test_a_disk_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever hands records over does not wait."""
    go_on = threading.Event()
    opened = os.open

    def slow(*arguments: object) -> int:
        go_on.wait(20)
        return opened(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", slow)
    file = RecordFile(tmp_path / "records.jsonl")
    for _ in range(record_file.MAX_WAITING + 10):
        file.follow([b"{}"])
        file.beat()
    assert file.dropped >= 9
    go_on.set()
    file.close()
    assert len(written(tmp_path / "records.jsonl")) + file.dropped == record_file.MAX_WAITING + 10
