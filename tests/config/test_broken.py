"""Broken files and their exact messages: each ``broken/NAME.yaml`` has its expected output in ``broken/NAME.txt``."""

from __future__ import annotations

from pathlib import Path

import pytest

from plano.config.load import load_text
from plano.errors import ConfigError

from .conftest import ENVIRONMENT

FOLDER = Path(__file__).parent / "broken"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def said(name: str) -> str:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_text(text, ENVIRONMENT, filename=f"{name}.yaml")
    return f"{caught.value}\n"


@pytest.mark.parametrize("name", NAMES)
def test_message(name: str) -> None:
    """A broken file is answered with exactly the recorded text: all its mistakes, each with its place."""
    assert said(name) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_there_are_many() -> None:
    """At least thirty broken files are kept, and no expectation without its file."""
    assert len(NAMES) >= 30
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_secret(name: str) -> None:
    """No message shows a key, whether it stands in the file or in the environment."""
    text = said(name)
    for secret in (
        "sk-planted",
        "sk planted",
        "hunter2",
        "planted-value",
        "sk-test-o",
        "sk-ant-test-a",
        "caller-key-0",
    ):
        assert secret not in text
