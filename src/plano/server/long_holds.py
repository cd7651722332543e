"""Models that their providers want left alone for long: worth a look, as nothing else ends such a promise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from plano.signals.board import Board

LONG_S: Final = 3600.0
MOST_NAMED: Final = 20


def long_holds(board: Board, models: Iterable[str], now: float) -> list[str]:
    """A note for each of ``models`` that is promised no attempt for more than an hour, the first 20 of them.

    ``now``: monotonic seconds.
    """
    holds = board.holds
    left = [(name, holds[name] - now) for name in models if name in holds] if holds else []
    long = [(name, seconds) for name, seconds in left if seconds > LONG_S]
    return [f"held for {seconds / 3600:.1f} h by its provider: {name}" for name, seconds in long[:MOST_NAMED]]
