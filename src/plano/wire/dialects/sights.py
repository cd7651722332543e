"""What a watch can see: words that the watches of all dialects share."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeVar

import msgspec

from plano.domain.usage import Usage

Sight = Literal["content", "quiet", "error", "done", "malformed", "repeated"]
"""``quiet``: nothing a caller could show yet (role, usage, keep-alive). ``done``: the end of the protocol.

``repeated``: an end that was there before, with nothing new.
"""

Checked = (
    tuple[Literal["whole"], Usage | None] | tuple[Literal["error"], dict[str, Any]] | tuple[Literal["invalid"], None]
)
"""A plain answer with its usage, an error in spite of status 200 with its members, or neither."""


def as_error(value: Any) -> dict[str, Any]:
    """The members of what a provider put where an error belongs."""
    return value if isinstance(value, dict) else {"message": str(value)}


Shape = TypeVar("Shape")

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises for what it cannot read."""


def readable(decoder: msgspec.json.Decoder[Shape], data: bytes) -> Shape | None:
    """What ``decoder`` reads, None when it cannot."""
    try:
        return decoder.decode(data)
    except UNREADABLE:
        return None
