"""An answer while it arrives, and the ways in which it can end badly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from plano.domain.attempt import NoAnswer
from plano.upstream.holding import Withheld

_SAID: Final[Mapping[NoAnswer, str]] = {
    "connect": "it could not be reached",
    "truncated": "its answer broke off",
    "reset": "it closed the connection without an answer",
    "busy": "too many connections to it are open",
}


class NoUsableAnswer(Exception):
    """An attempt ended without a usable answer; ``ending`` says how."""

    def __init__(self, ending: NoAnswer) -> None:
        super().__init__(ending)
        self.ending = ending

    def said(self, *, connect_s: float, total_s: float, otherwise: str) -> str:
        """In a few words, "it" being whoever was asked within these limits. ``otherwise``: no HTTP."""
        if self.ending == "connect_timeout":
            return f"{_SAID['connect']} within {connect_s:g} s"
        return too_slow(total_s) if self.ending == "timeout" else _SAID.get(self.ending, otherwise)


def too_slow(total_s: float) -> str:
    """What is said of one that took longer than it was given."""
    return f"it took longer than {total_s:g} s"


class StaleConnection(Exception):
    """A reused connection closed before any byte of the answer: the request is safe to send again on a fresh one."""


class Response(Protocol):
    """A response whose head has arrived. ``headers`` have lower-case names.

    ``ends_with_connection``: is the close of the connection all that ends the body? Then a cut looks like an end.
    ``withheld``: keeps a stream back until it is whole; None for one that goes on to its caller.
    """

    status: int
    headers: Mapping[str, str]
    ends_with_connection: bool
    withheld: Withheld | None

    async def flow(self, take: Callable[[bytes], bool]) -> bool:
        """Hands pieces to ``take`` as they arrive until it says False; True when the body has ended properly.

        Raises NoUsableAnswer.
        """
        ...

    async def piece(self) -> bytes:
        """The next bytes of the body, empty at its proper end. Raises NoUsableAnswer."""
        ...

    def watch_silence(self, limit_s: float, *, within_s: float | None = None) -> None:
        """From now on a silence of ``limit_s`` ends the body as ``timeout``, and so does ``within_s`` in all."""
        ...

    def close(self) -> None:
        """Gives the connection back when the body has ended, else closes it; what was withheld is let go.

        May be called twice.
        """
        ...

    def drain(self) -> None:
        """As ``close``, but waits a little for a body whose end is already certain."""
        ...
