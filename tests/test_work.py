"""Coroutines without a task: when they begin, when they go on, and how they are given up."""

from __future__ import annotations

import asyncio
from typing import Any

from plano.work import Bell, Work


class Story:
    """A coroutine that tells what happens to it."""

    def __init__(self) -> None:
        self.bell = Bell()
        self.told: list[str] = []
        self.over = asyncio.Event()

    async def waits(self, *waits_for: Any) -> None:
        """Waits for one after the other."""
        self.told.append("begun")
        try:
            for each in waits_for:
                await each
                self.told.append("on")
        except asyncio.CancelledError:
            self.told.append("cancelled")
            raise
        self.told.append("end")
        self.over.set()


def begun(story: Story, *waits_for: Any) -> Work:
    """The work of a story."""
    work = Work(story.waits(*waits_for), asyncio.get_running_loop())
    # In a call of the loop, as on a connection: no task is there.
    asyncio.get_running_loop().call_soon(work.go_on)
    return work


async def test_it_begins_at_once() -> None:
    """Without anything to wait for it is over when ``go_on`` comes back."""
    story = Story()
    Work(story.waits(), asyncio.get_running_loop()).go_on()
    assert story.told == ["begun", "end"]


async def test_it_goes_on_before_ring_comes_back() -> None:
    """Each ring goes on with it in that very call; a ring too many is lost."""
    story, seen = Story(), []
    begun(story, story.bell, story.bell)
    loop = asyncio.get_running_loop()
    for _ in range(3):
        loop.call_soon(story.bell.ring)
        loop.call_soon(lambda: seen.append(story.told[-1]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert seen == ["on", "end", "end"]


async def test_it_waits_for_futures_and_tasks() -> None:
    """Whatever the loop offers can be waited for: a future, a sleep of no time, a task."""
    story, loop = Story(), asyncio.get_running_loop()
    future = loop.create_future()
    begun(story, future, asyncio.sleep(0), loop.create_task(asyncio.sleep(0.001)))
    await asyncio.sleep(0)
    assert story.told == ["begun"]
    future.set_result(None)
    async with asyncio.timeout(10):
        await story.over.wait()
    assert story.told == ["begun", "on", "on", "on", "end"]


async def test_cancelled_at_a_bell_it_ends_at_once() -> None:
    """What it held is free when ``cancel`` comes back; a later ring finds nobody."""
    story = Story()
    work = begun(story, story.bell)
    await asyncio.sleep(0)
    work.cancel()
    assert story.told == ["begun", "cancelled"]
    story.bell.ring()
    work.cancel()
    assert story.told == ["begun", "cancelled"]


async def test_cancelled_at_a_bell_it_no_longer_listens() -> None:
    """What goes on after it was cancelled, to have the last word, is not woken by the bell it left."""
    bell, last_word, told = Bell(), Bell(), []
    loop = asyncio.get_running_loop()

    async def stubborn() -> None:
        try:
            await bell
        except asyncio.CancelledError:
            told.append("cancelled")
            await last_word
            told.append("said")

    work = Work(stubborn(), loop)
    loop.call_soon(work.go_on)
    await asyncio.sleep(0)
    loop.call_soon(work.cancel)
    loop.call_soon(bell.ring)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert told == ["cancelled"]
    loop.call_soon(last_word.ring)
    await asyncio.sleep(0)
    assert told == ["cancelled", "said"]


async def test_cancelled_at_a_task_both_end() -> None:
    """Cancelling reaches what it waits for, as it would from a task."""
    story = Story()
    task = asyncio.get_running_loop().create_task(asyncio.Event().wait())
    work = begun(story, task)
    await asyncio.sleep(0)
    work.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert task.cancelled()
    assert story.told == ["begun", "cancelled"]


async def test_cancelled_when_the_future_is_done_already() -> None:
    """Done, but not yet told: it is cancelled all the same."""
    story, future = Story(), asyncio.get_running_loop().create_future()
    work = begun(story, future)
    await asyncio.sleep(0)
    future.set_result(None)
    work.cancel()
    await asyncio.sleep(0)
    assert story.told == ["begun", "cancelled"]


async def test_cancelled_by_itself() -> None:
    """What cancels it while it runs takes effect where it waits next."""
    story = Story()

    class Cancels:
        def __await__(self) -> Any:
            work.cancel()
            return iter(())

    work = begun(story, Cancels(), story.bell)
    await asyncio.sleep(0)
    assert story.told == ["begun", "on", "cancelled"]


async def test_a_defect_is_told_to_the_loop() -> None:
    """What it raises does not reach whoever rang, and does not vanish either."""
    loop, told = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda _loop, context: told.append(context["exception"]))

    async def broken() -> None:
        raise ValueError("a defect")

    Work(broken(), loop).go_on()
    assert [str(defect) for defect in told] == ["a defect"]


async def test_a_bell_inside_a_task() -> None:
    """A task can wait for it too; the loop goes on with it, and a cancelled one leaves nothing behind."""
    bell = Bell()

    async def waits() -> str:
        await bell
        return "on"

    task = asyncio.get_running_loop().create_task(waits())
    await asyncio.sleep(0)
    bell.ring()
    assert await task == "on"
    task = asyncio.get_running_loop().create_task(waits())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))
    assert bell.goes_on is None


async def test_a_task_that_is_cancelled_as_its_bell_rings_is_cancelled() -> None:
    """Rung, but not yet told: it does not go on as if nobody had cancelled it."""
    bell, told = Bell(), []

    async def waits() -> None:
        await bell
        told.append("on")

    task = asyncio.get_running_loop().create_task(waits())
    await asyncio.sleep(0)
    bell.ring()
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
    assert told == []


async def test_a_task_that_is_cancelled_before_it_waits_is_cancelled_at_the_bell() -> None:
    """What cancels it while it runs takes effect at the bell, rung or not."""
    bell = Bell()

    async def waits() -> None:
        task.cancel()
        await bell

    task = asyncio.get_running_loop().create_task(waits())
    await asyncio.wait((task,))
    assert task.cancelled()
    assert bell.goes_on is None


async def test_a_bell_that_is_waited_for_under_a_timeout() -> None:
    """The timeout of a task ends the wait, and the bell can be waited for again."""
    bell, loop = Bell(), asyncio.get_running_loop()
    try:
        async with asyncio.timeout(0.001):
            await bell
    except TimeoutError:
        loop.call_soon(bell.ring)
        await bell
    assert bell.goes_on is None
