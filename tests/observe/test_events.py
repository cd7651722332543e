"""Live events: in order, bounded, and never waited for."""

from __future__ import annotations

import asyncio

import pytest

from plano.observe.events import (
    ENTRIES_PER_BEAT,
    MAX_VIEWERS,
    MAX_WAITING_BYTES,
    Events,
    TooManyViewers,
    rendered,
)


async def test_in_order() -> None:
    """What comes before a viewer looks again is told together, in order."""
    events = Events()
    viewer = events.enter()
    events.follow([b'{"n":1}', b'{"n":2}'])
    events.beat(b'{"s":1}')
    assert await viewer.next() == rendered("entry", b'{"n":1}') + rendered("entry", b'{"n":2}') + rendered(
        "state", b'{"s":1}'
    )


async def test_whoever_waits_is_woken() -> None:
    """An event ends the wait."""
    events = Events()
    viewer = events.enter()
    waiting = asyncio.create_task(viewer.next())
    await asyncio.sleep(0)
    events.beat(b"{}")
    assert await waiting == rendered("state", b"{}")


async def test_a_slow_reader_is_let_go() -> None:
    """One that takes nothing holds a megabyte at most and then nothing; the others are told as before."""
    events = Events()
    slow, quick = events.enter(), events.enter()
    large = b'"' + b"x" * (MAX_WAITING_BYTES // 4) + b'"'
    for _ in range(4):
        events.beat(large)
        await quick.next()
    assert (slow.is_dropped, quick.is_dropped) == (True, False)
    assert await slow.next() == b""
    assert events.wants_more


def test_no_more_than_people_can_read() -> None:
    """Between two beats only so many requests are shown, and the rest is counted."""
    events = Events()
    viewer = events.enter()
    events.follow([b"{}"] * (ENTRIES_PER_BEAT + 7))
    assert events.skipped == 7
    events.beat(b"{}")
    assert events.skipped == 0
    events.follow([b"{}"])
    assert asyncio.run(viewer.next()).count(b"event: entry") == ENTRIES_PER_BEAT + 1


def test_places() -> None:
    """Bounded; whoever leaves makes room."""
    events = Events()
    viewers = [events.enter() for _ in range(MAX_VIEWERS)]
    with pytest.raises(TooManyViewers):
        events.enter()
    events.leave(viewers[0])
    events.enter()


def test_nobody_looks() -> None:
    """Nothing is done, and nothing counted as skipped."""
    events = Events()
    events.follow([b"{}"] * 1000)
    assert (events.wants_more, events.skipped) == (False, 0)
