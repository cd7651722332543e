"""Two pieces of work for one result: the second begins where the first is late, and the loser is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def race(
    first: Coroutine[Any, Any, Result],
    second: Callable[[], Coroutine[Any, Any, Result] | None],
    *,
    after_s: float,
    wins: Callable[[Result], bool],
) -> tuple[Result | None, ...]:
    """What each came to, None for one that was cancelled because the other had won; one alone if no other began.

    ``second`` is asked after ``after_s`` seconds, and may decline. Both may have won in the same turn of the loop.
    """
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(first)]
    try:
        await asyncio.wait(tasks, timeout=after_s)
        begun = None if tasks[0].done() else second()
        if begun is None:
            return (await tasks[0],)
        tasks.append(loop.create_task(begun))
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not any(task.done() and wins(task.result()) for task in tasks):
            await asyncio.wait(tasks)
        return tuple([task.result() if task.done() else None for task in tasks])
    finally:
        for task in tasks:
            task.cancel()
