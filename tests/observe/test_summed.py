"""Counts of several workers as one: no worker's is missing, and none falls when a worker does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from plano.observe.gathering import Gatherer, Teller, Totals, pair
from plano.observe.summed import Summed

HITS, OTHER = "plano_hits_total", "plano_other_total"


class Scene:
    """A first worker and two that tell; ``counts`` of each, by a label."""

    def __init__(self) -> None:
        self.reads, self.writes = pair()
        self.first = Gatherer(lambda _entries: None, lambda: 0.0)
        self.summed = Summed(self.first)
        self.own = {("a",): 1}
        self.family = self.summed.family(HITS, "Hits.", ("kind",), self.own.items)
        self.told: list[dict[tuple[str, ...], int]] = [{}, {}]
        self.others = [Teller(self.writes, 1 + place, lambda: (0, 0), self.totals(place)) for place in range(2)]

    def totals(self, place: int) -> Callable[[], Totals]:
        """What a worker tells."""
        summed = Summed(Gatherer(lambda _entries: None, lambda: 0.0))
        summed.family(HITS, "Hits.", ("kind",), self.told[place].items)
        summed.family(OTHER, "Others.", (), lambda: [((), 99)])
        return summed.told

    def beat(self) -> str:
        """The family after both have told."""
        for each in self.others:
            each.beat()
            self.first.read(self.reads)
        return self.family.lines()


@pytest.fixture
def scene() -> Iterator[Scene]:
    """One whose sockets are closed."""
    one = Scene()
    with one.reads, one.writes:
        yield one


def test_alone(scene: Scene) -> None:
    """As it counts itself."""
    assert scene.family.lines().splitlines()[2:] == ['plano_hits_total{kind="a"} 1']
    assert scene.summed.total(HITS) == 1


def test_of_all(scene: Scene) -> None:
    """Each series is the sum; one that only another worker has is there as well. Told again, it counts once."""
    scene.told[0] |= {("a",): 10, ("b",): 5}
    scene.told[1] |= {("b",): 7}
    scene.beat()
    assert scene.beat().splitlines()[2:] == ['plano_hits_total{kind="a"} 11', 'plano_hits_total{kind="b"} 12']
    assert scene.summed.total(HITS) == 23
    scene.told[1][("b",)] = 8
    assert 'kind="b"} 13' in scene.beat()


def test_a_worker_that_was_replaced(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had counted stays, and its successor counts from 0: a counter never falls."""
    scene.told[0] |= {("a",): 10}
    scene.beat()
    scene.told[0].clear()
    monkeypatch.setattr(os, "getpid", lambda: -7)
    assert 'kind="a"} 11' in scene.beat()
    scene.told[0] |= {("a",): 2}
    assert 'kind="a"} 13' in scene.beat()
