"""One frozen photograph of every live number, so that a decision never mixes two moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Reading:
    """A live number. ``source``: who said so (``config``, ``catalog``, a feed's name). ``age_s``: how long ago."""

    value: float
    source: str
    age_s: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known at ``taken_at`` (seconds of the monotonic clock). A missing number is unknown, never 0.

    ``prices``: USD per million tokens, input + output, by model name. ``latencies``: expected seconds to the first
    token. ``holds``: the moment before which a model gets no attempt, because its provider said so.
    """

    taken_at: float
    prices: Mapping[str, Reading] = field(default_factory=lambda: MappingProxyType({}))
    latencies: Mapping[str, Reading] = field(default_factory=lambda: MappingProxyType({}))
    holds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
