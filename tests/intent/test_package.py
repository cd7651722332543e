"""The files of a router are checked before they are used."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from plano.errors import InternalError
from plano.intent.matching import FEATURES
from plano.intent.package import SHIPPED, Parts, load

FILES = ("encoder.onnx", "vocab.txt", "windows.onnx", "pieces.model", "pieces.npy", "space.npz")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped router."""
    for name in (*FILES, "router.json"):
        shutil.copyfile(SHIPPED / name, tmp_path / name)
    return tmp_path


def test_the_shipped_router_is_complete(parts: Parts) -> None:
    """Its parts fit each other: dimensions, features, and unit vectors in the bank."""
    document = json.loads((SHIPPED / "router.json").read_text())
    assert parts.version == f"{document['name']} {document['version']}"
    assert parts.encoder.dimensions == document["dimensions"] == parts.space.closings.shape[1]
    assert list(document["calibration"]["weights"]) == list(FEATURES)
    assert len(parts.calibration.weights) == len(FEATURES)
    assert np.allclose(np.linalg.norm(parts.space.bank.texts, axis=1), 1, atol=1e-5)
    assert parts.space.bank.starts[-1] == len(parts.space.bank.requests)


def test_licence_and_notice_lie_beside_the_weights() -> None:
    """The weights keep their licence and their source."""
    assert "Apache License" in (SHIPPED / "LICENSE").read_text()
    notice = (SHIPPED / "NOTICE").read_text()
    assert "all-MiniLM-L6-v2" in notice
    assert "Universal Sentence Encoder" in notice


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_refused(copied: Path, name: str) -> None:
    """A file with another checksum is not loaded, and the message names it."""
    data = bytearray((copied / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / name).write_bytes(data)
    with pytest.raises(InternalError, match=f"{name} is not the one that was shipped"):
        load(copied)


@pytest.mark.parametrize("name", [*FILES, "router.json"])
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    """The message says which file cannot be read."""
    (copied / name).unlink()
    with pytest.raises(InternalError, match=f"{name} cannot be read"):
        load(copied)


def test_importing_is_cheap() -> None:
    """Neither numpy nor the runtime is loaded before a router is."""
    code = "import sys, plano.intent.embedded; sys.exit(any(name in sys.modules for name in ('numpy', 'onnxruntime')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("word", ["docker", "refactor", "const", "todo", "xpath", "kubernetes"])
def test_words_of_requests_are_no_slips(parts: Parts, word: str) -> None:
    """What the encoder's vocabulary lacks is known all the same, and not put right to something beside it."""
    assert parts.speller.corrected(f"please help me with my {word}") == f"please help me with my {word}"
