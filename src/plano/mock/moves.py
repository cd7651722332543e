"""What the mock provider does on a connection, as plain values: a play is a sequence of them.

Bytes are sent exactly as they are: wrong framing, half an event or no HTTP at all is a play like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Send:
    """These bytes, in a write of their own. ``tokens``: how many tokens of the answer they finish."""

    data: bytes
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing for ``seconds``; 0 lets what was sent leave first."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hush:
    """Nothing more until the caller leaves."""


@dataclass(frozen=True, slots=True)
class Close:
    """The connection is closed in order (FIN)."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (RST)."""


Move = Send | Wait | Hush | Close | Reset
Play = Iterator[Move]
"""One that does not end with the connection leaves it open for the next request."""
