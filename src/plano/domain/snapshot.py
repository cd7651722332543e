"""One frozen photograph of every live number, so that a decision never mixes two moments."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

import msgspec

from plano.domain.catalog import Capabilities, Price

_NOTHING_KNOWN: Mapping[str, Any] = MappingProxyType({})

LARGE_PROMPT_BYTES = 16 * 1024
"""From here on a prompt is large: the time to its first token is that of reading it (some 4,000 tokens)."""


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """A live number. ``source``: who said so (``config``, ``catalog``, a feed's name). ``age_s``: how long ago.

    ``is_stale``: its source has failed since.
    """

    value: float
    source: str
    age_s: float
    is_stale: bool = False


class Quote(Reading, frozen=True, omit_defaults=True):
    """What a model costs. ``value``: input + output, USD per million tokens; ``price``: all that is known of it."""

    price: Price | None = None


class Pace(Reading, frozen=True, omit_defaults=True):
    """How fast a model answers. ``value``: seconds to the first token; ``tpot_s``: seconds for each further one."""

    tpot_s: float | None = None


class Quotes(Protocol):
    """Prices by the name of a model; a mapping is one."""

    def get(self, name: str, /) -> Quote | None:
        """The price, None when it is unknown."""
        ...


class Paces(Protocol):
    """Latencies by the name of a model; a mapping is one."""

    def get(self, name: str, /) -> Pace | None:
        """The latency, None when it is unknown."""
        ...


class Facts(Protocol):
    """What models can do, by name; a mapping is one."""

    def get(self, name: str, /) -> Capabilities | None:
        """None when nothing is known of the model."""
        ...


class Snapshot(msgspec.Struct, frozen=True):
    """What is known at ``taken_at`` (seconds of the monotonic clock). A missing number is unknown, never 0.

    ``prices``, ``latencies``: by model name; ``large_latencies``: those of large prompts, None where they are not told
    apart. ``holds``: the moment before which a model gets no attempt, because its provider said so. ``ejected``: the
    same, because it failed too often. ``bytes_per_token``: of a request, by model name. ``output_tokens``: of an
    answer, by route. ``explores``: do latencies become known by trying a model? ``facts``: what models can do, by name.
    """

    taken_at: float
    prices: Quotes = _NOTHING_KNOWN
    latencies: Paces = _NOTHING_KNOWN
    holds: Mapping[str, float] = _NOTHING_KNOWN
    ejected: Mapping[str, float] = _NOTHING_KNOWN
    large_latencies: Paces | None = None
    bytes_per_token: Mapping[str, float] = _NOTHING_KNOWN
    output_tokens: Mapping[str, float] = _NOTHING_KNOWN
    explores: bool = False
    facts: Facts = _NOTHING_KNOWN

    def latencies_of(self, prompt_bytes: int) -> Paces:
        """The latencies of prompts of that size."""
        if self.large_latencies is None or prompt_bytes < LARGE_PROMPT_BYTES:
            return self.latencies
        return self.large_latencies
