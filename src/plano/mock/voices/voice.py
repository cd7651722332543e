"""What a dialect must be able to say, so that every fault can be played in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from plano.mock.complaints import Complaint
from plano.mock.said import Said

CREATED = 1_700_000_000


class Voice(Protocol):
    """One dialect. Events are whole event-stream events; ``place`` counts the tokens of an answer from 0."""

    named: Mapping[str, Complaint]

    def whole(self, said: Said) -> bytes:
        """The body of a plain answer."""
        ...

    def opening(self, said: Said) -> tuple[bytes, ...]:
        """The events before the first token."""
        ...

    def token(self, said: Said, place: int) -> bytes:
        """The event of one token."""
        ...

    def ending(self, said: Said) -> tuple[bytes, ...]:
        """The events after the last token, the terminal one last."""
        ...

    def farewell(self, said: Said) -> tuple[bytes, ...]:
        """What follows the terminal event."""
        ...

    def false_ending(self, said: Said) -> tuple[bytes, ...]:
        """What looks like an end and is none: everything but the terminal event."""
        ...

    def complaint(self, status: int, message: str) -> Complaint:
        """The error answer with that status."""
        ...

    def error(self, complaint: Complaint) -> bytes:
        """The body of an error answer."""
        ...

    def error_event(self, complaint: Complaint, place: int) -> bytes:
        """An error in the middle of a stream, after ``place`` tokens."""
        ...


def unnamed(document: Mapping[str, Any]) -> bytes:
    """An event without a name."""
    return b"data: " + msgspec.json.encode(document) + b"\n\n"


def named(name: str, document: Mapping[str, Any]) -> bytes:
    """An event whose name is also its type."""
    return b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode({"type": name, **document}) + b"\n\n"
