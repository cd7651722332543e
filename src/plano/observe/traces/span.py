"""A span as it is told, whatever sends it on: what many have in common, and where the numbers of each one stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Value = str | int | float | bool
Kind = Literal["internal", "server", "client"]

LONGEST_VALUE = 1024
"""Characters of a text."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """Something that happened when its span began."""

    name: str
    attributes: Mapping[str, Value]


class Span(msgspec.Struct, frozen=True, gc=False):
    """What the same span of many requests says.

    ``measured``: attributes that each request has a number of its own for: name, and its place among the request's
    numbers (see ``plano.observe.traces.measured``). ``error``: what failed, None when nothing did.
    """

    name: str
    kind: Kind
    attributes: Mapping[str, Value]
    measured: tuple[tuple[str, int], ...] = ()
    error: str | None = None
    events: tuple[Event, ...] = ()


def told(text: str) -> str:
    """A text as it may be sent: cut, with ``?`` for half a character, which cannot be encoded."""
    return text[:LONGEST_VALUE].encode(errors="replace").decode()
