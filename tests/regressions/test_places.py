"""Places for requests: as many are served as there are places, whoever comes, waits and goes meanwhile."""

from __future__ import annotations

import asyncio
import json
import random
import time
from functools import partial

import pytest

from plano.server import capacity as capacity_module
from plano.server.capacity import Capacity
from tests.running import Running, question, raw_post, running
from tests.waiting import until

WHOLE = raw_post(json.dumps(question()).encode())


def _has(capacity: Capacity, requests: int) -> bool:
    return capacity.requests == requests


def one_in_progress(gateway: Running) -> None:
    """The model answers nobody from now on."""
    gateway.mock.script("claude-sonnet-4-20250514", ["silence"])


def test_a_question_for_its_health_frees_no_place() -> None:
    """Any answer used to let one who waited go on, so that a probe of ``/healthz`` broke the limit each time."""
    capacity = Capacity(requests=1)
    with running(capacity=capacity) as gateway, gateway.connect() as first, gateway.connect() as second:
        one_in_progress(gateway)
        for count, peer in enumerate((first, second), start=1):
            peer.sendall(WHOLE)
            until(partial(_has, capacity, count))
        until(lambda: gateway.mock.calls)
        assert gateway.get("/healthz").status_code == 200
        time.sleep(0.05)
        assert len(gateway.mock.calls) == 1


@pytest.mark.parametrize("leaving", [1, 2])
def test_one_who_leaves_the_queue_frees_no_place(leaving: int) -> None:
    """A caller that waited and left used to let the next one go on, beside the request that is served."""
    capacity = Capacity(requests=1)
    with running(capacity=capacity) as gateway:
        one_in_progress(gateway)
        peers = [gateway.connect() for _ in range(3)]
        for count, peer in enumerate(peers, start=1):
            peer.sendall(WHOLE)
            until(partial(_has, capacity, count))
        until(lambda: gateway.mock.calls)
        peers[leaving].close()
        until(lambda: capacity.requests == 2)
        time.sleep(0.05)
        assert len(gateway.mock.calls) == 1
        for peer in peers:
            peer.close()


async def test_one_who_waited_too_long_frees_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request refused after its second of waiting used to let the next one go on."""
    monkeypatch.setattr(capacity_module, "WAIT_S", 0.02)
    capacity = Capacity(requests=1, waiting=2)
    capacity.requests = 2
    first = asyncio.create_task(capacity.place())
    await asyncio.sleep(0.01)
    capacity.requests = 3
    second = asyncio.create_task(capacity.place())
    assert await first is False
    capacity.ended()
    assert await second is False


async def test_those_who_come_at_once_do_not_all_wait() -> None:
    """More than there are places in one turn of the loop: all of them used to wait, for nobody, and were refused."""
    capacity = Capacity(requests=2, waiting=4)
    capacity.requests = 3
    turns = [asyncio.create_task(capacity.place()) for _ in range(3)]
    await _turns(9)
    assert [turn.done() for turn in turns] == [True, True, False]
    capacity.ended()
    assert await turns[2] is True


async def test_a_place_is_never_given_twice_nor_lost() -> None:
    """Whatever the order of arrivals, ends and leavings: never more in progress than places, and no place lies idle."""
    chance = random.Random(7)
    for _ in range(60):
        await _play(Capacity(requests=2, waiting=4), chance)


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def _play(capacity: Capacity, chance: random.Random) -> None:
    serving: set[int] = set()
    tasks: dict[int, asyncio.Task[None]] = {}

    async def serve(number: int) -> None:
        if capacity.requests > capacity.places and not await capacity.place():
            return
        serving.add(number)
        await asyncio.Event().wait()

    def leave(number: int) -> None:
        tasks.pop(number).cancel()
        serving.discard(number)
        capacity.ended()

    for number in range(40):
        if tasks and chance.random() < 0.55:
            leave(chance.choice(list(tasks)))
        elif not capacity.is_full:
            capacity.requests += 1
            tasks[number] = asyncio.create_task(serve(number))
        await _turns(chance.randrange(4))
        assert len(serving) <= 2
    await _turns(5)
    assert len(serving) == min(2, len(tasks))
    for number in tuple(tasks):
        leave(number)
    await _turns(5)
    assert (capacity.requests, len(capacity._waiting)) == (0, 0)
