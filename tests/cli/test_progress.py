"""A bar for long work, where somebody watches, and never in a file."""

from __future__ import annotations

import sys
from io import StringIO

import pytest

from plano.cli import progress


class Terminal(StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("patience", "stream", "is_drawn"), [(0.0, Terminal, True), (3600.0, Terminal, False), (0.0, StringIO, False)]
)
def test_shown(monkeypatch: pytest.MonkeyPatch, patience: float, stream: type[StringIO], is_drawn: bool) -> None:
    """Beyond its patience, on a terminal; every item comes either way, and the bar is gone in the end."""
    told = stream()
    monkeypatch.setattr(sys, "stderr", told)
    monkeypatch.setattr(progress, "PATIENCE_S", patience)
    monkeypatch.setattr(progress, "BEAT_S", 0.0)
    assert list(progress.shown(range(5))) == [0, 1, 2, 3, 4]
    assert ("4/5" in told.getvalue()) == is_drawn
    assert told.getvalue().endswith("\r\x1b[K") == is_drawn
