"""Sweeps: everybody is looked at, a few at a time."""

from __future__ import annotations

import asyncio
import time

import pytest

from plano.server.connections import sweep as sweep_module
from plano.server.connections.sweep import Sweep


class Looked:
    """Writes down that it was looked at."""

    def __init__(self, number: int, seen: list[int]) -> None:
        self.number = number
        self.seen = seen

    def check_deadline(self, _now: float) -> None:
        self.seen.append(self.number)


async def test_a_sweep_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many connections are looked at in slices; each of them once, and a second sweep does not begin in between."""
    monkeypatch.setattr(sweep_module, "SLICE_S", 0.0)
    monkeypatch.setattr(sweep_module, "BETWEEN_SLICES_S", 0.0)
    seen: list[int] = []
    sweep, connections = Sweep(time.monotonic), [Looked(number, seen) for number in range(5)]
    sweep.over(connections)
    assert len(seen) == 1
    sweep.over(connections)
    for _ in range(10):
        await asyncio.sleep(0)
    assert sorted(seen) == list(range(5))
    sweep.over(connections)
    assert len(seen) == 6


def test_a_quick_sweep_needs_no_loop() -> None:
    """What fits into one slice is done at once."""
    seen: list[int] = []
    Sweep(lambda: 0.0).over([Looked(number, seen) for number in range(5)])
    assert sorted(seen) == list(range(5))


def test_a_defect_is_not_the_end_of_all_deadlines() -> None:
    """Whoever comes after a connection that fails is looked at with the next sweep."""

    class Broken(Looked):
        def check_deadline(self, now: float) -> None:
            super().check_deadline(now)
            raise RuntimeError

    seen: list[int] = []
    sweep = Sweep(lambda: 0.0)
    with pytest.raises(RuntimeError):
        sweep.over([Looked(0, seen), Looked(1, seen), Broken(2, seen)])
    assert seen == [2]
    sweep.over([])
    assert sorted(seen) == [0, 1, 2]
