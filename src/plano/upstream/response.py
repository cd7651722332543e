"""An answer while it arrives, and the ways in which it can end badly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from plano.domain.attempt import NoAnswer


class NoUsableAnswer(Exception):
    """An attempt ended without a usable answer; ``ending`` says how."""

    def __init__(self, ending: NoAnswer) -> None:
        super().__init__(ending)
        self.ending = ending


class Response(Protocol):
    """A response whose head has arrived. ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str]

    def whole(self) -> bytes | None:
        """The body when all of it is here already, else None; taken once."""
        ...

    async def flow(self, take: Callable[[bytes], bool]) -> bool:
        """Hands pieces to ``take`` as they arrive until it says False; True when the body has ended properly.

        Raises NoUsableAnswer.
        """
        ...

    async def piece(self) -> bytes:
        """The next bytes of the body, empty at its proper end. Raises NoUsableAnswer."""
        ...

    def close(self) -> None:
        """Gives the connection back when the body has ended, else closes it. May be called twice."""
        ...

    def drain(self) -> None:
        """As ``close``, but waits a little for a body whose end is already certain."""
        ...
