"""What the workers behind the first tell it, and that telling holds nobody up."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from plano.observe.entry import Entry
from plano.observe.gathering import FORGOTTEN_AFTER_S, LARGEST_PACKET, PACKED, Gatherer, Teller, pair
from tests.observe.samples import decision, entry, record, tried


class Scene:
    """A first worker that reads when it is told to, and one that tells."""

    def __init__(self) -> None:
        self.shown: list[Entry] = []
        self.now = 0.0
        self.reads, self.writes = pair()
        self.first = Gatherer(self.shown.extend, lambda: self.now)
        self.other = Teller(self.writes, 1, lambda: (3, 2))

    def read(self) -> None:
        """Reads until nothing is left."""
        before = -1
        while before != len(self.shown):
            before = len(self.shown)
            self.first.read(self.reads)


@pytest.fixture
def scene() -> Iterator[Scene]:
    """One whose sockets are closed."""
    one = Scene()
    with one.reads, one.writes:
        yield one


def made(number: int = 1, **changes: object) -> Entry:
    """An entry with a decision and two attempts."""
    shown = entry(record(decision("a/b", "c/d"), tried(("a/b", "429"), ("c/d", "200"))))
    return msgspec.structs.replace(shown, trace_id=f"{number:032x}", **changes)


def test_entries_arrive_as_they_are(scene: Scene) -> None:
    """Each once, in order, in as many packets as they need."""
    told = [made(number) for number in range(PACKED * 2 + 3)]
    scene.other.take(told)
    scene.read()
    assert scene.shown == told
    assert scene.other.lost == scene.first.unread == 0


def test_how_busy_the_others_are(scene: Scene) -> None:
    """As they said last; whoever is silent for five seconds is no more."""
    scene.other.beat()
    scene.read()
    assert (scene.first.workers, scene.first.connections, scene.first.requests) == (1, 3, 2)
    scene.now = FORGOTTEN_AFTER_S + 1
    assert (scene.first.workers, scene.first.connections, scene.first.requests) == (0, 0, 0)


def test_a_first_worker_that_does_not_read(scene: Scene) -> None:
    """Nobody waits; what found no room is counted, and said as soon as there is room again."""
    for _ in range(2_000):
        scene.other.take([made()])
    scene.read()
    scene.other.beat()
    scene.read()
    assert 0 < len(scene.shown) < 2_000
    assert scene.other.lost == 2_000 - len(scene.shown)


def test_large_entries(scene: Scene) -> None:
    """They are told without decision and attempts, as they would be kept; those beside them are told as well."""
    decided = made().decision
    assert decided is not None
    large = made(1, decision=msgspec.structs.replace(decided, scores={"x" * LARGEST_PACKET: 0.5}))
    scene.other.take([made(2), large, made(3)])
    scene.read()
    assert [int(each.trace_id, 16) for each in scene.shown] == [2, 1, 3]
    assert [each.decision for each in scene.shown] == [None] * 3
    assert all(each.is_shortened for each in scene.shown)


def test_what_is_no_packet(scene: Scene) -> None:
    """It is counted, and what follows is read."""
    scene.writes.send(b"\xc1")
    scene.other.take([made()])
    scene.read()
    assert (len(scene.shown), scene.first.unread) == (1, 1)
