"""One frozen photograph of every live number, so that a decision never mixes two moments."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

import msgspec

_NOTHING_KNOWN: Mapping[str, Any] = MappingProxyType({})


class Reading(msgspec.Struct, frozen=True):
    """A live number. ``source``: who said so (``config``, ``catalog``, a feed's name). ``age_s``: how long ago."""

    value: float
    source: str
    age_s: float


class Readings(Protocol):
    """Live numbers by the name of a model; a mapping is one."""

    def get(self, name: str, /) -> Reading | None:
        """The number, None when it is unknown."""
        ...


class Snapshot(msgspec.Struct, frozen=True):
    """What is known at ``taken_at`` (seconds of the monotonic clock). A missing number is unknown, never 0.

    ``prices``: USD per million tokens, input + output, by model name. ``latencies``: expected seconds to the first
    token. ``holds``: the moment before which a model gets no attempt, because its provider said so. ``ejected``: the
    same, because it failed too often.
    """

    taken_at: float
    prices: Readings = _NOTHING_KNOWN
    latencies: Readings = _NOTHING_KNOWN
    holds: Mapping[str, float] = _NOTHING_KNOWN
    ejected: Mapping[str, float] = _NOTHING_KNOWN
