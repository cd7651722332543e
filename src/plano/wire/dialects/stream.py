"""What the stream codecs of all dialects have in common: their two interfaces, and what a decoder may raise."""

from __future__ import annotations

from typing import Any, Protocol

from plano.domain.usage import Usage
from plano.wire.canonical.events import Event
from plano.wire.canonical.notes import Notes


class Unreadable(Exception):
    """An event does not have the shape of its dialect: it is dropped, or ends the stream."""


class ErrorSeen(Exception):
    """The upstream reports an error in mid-stream. ``body``: its JSON, in the upstream's dialect."""

    def __init__(self, body: bytes) -> None:
        super().__init__("the provider reports an error in mid-stream")
        self.body = body


class Decoder(Protocol):
    """Reads a stream of one dialect. ``usage``: what was reported so far, None when nothing was.

    ``notes``: what not every dialect has a place for.
    """

    notes: Notes
    usage: Usage | None

    @property
    def is_finished(self) -> bool:
        """Has the upstream's own end been seen?"""
        ...

    @property
    def has_open_call(self) -> bool:
        """Would half of a tool call be lost now?"""
        ...

    def read(self, data: bytes) -> list[Event]:
        """What the data of one event says. Raises Unreadable or ErrorSeen."""
        ...

    def end(self) -> list[Event]:
        """What the end of the body adds."""
        ...


class Encoder(Protocol):
    """Writes a stream of one dialect."""

    def write(self, event: Event) -> bytes:
        """The bytes that one event adds."""
        ...

    def fail(self, members: dict[str, Any]) -> bytes:
        """The event that ends a stream that failed. ``members``: of the error, as the dialect has them."""
        ...
