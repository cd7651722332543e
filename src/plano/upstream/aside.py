"""Where work that takes milliseconds is done, so that the event loop does not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

Made = TypeVar("Made")


class Aside(Protocol):
    """Does work somewhere; what it returns or raises comes back."""

    async def __call__(self, work: Callable[[], Made]) -> Made:
        """What ``work`` returns."""
        ...


async def at_once(work: Callable[[], Made]) -> Made:
    """What ``work`` returns, done here and now."""
    return work()
