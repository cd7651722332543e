"""Documents of sources of prices and latencies, to what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from plano.domain.catalog import PriceFeed
from plano.wire.feeds.digitalocean import parse_digitalocean
from plano.wire.feeds.models_dev import parse_models_dev

PRICE_FORMATS: Mapping[str, Callable[[bytes], PriceFeed]] = MappingProxyType(
    {"digitalocean": parse_digitalocean, "models.dev": parse_models_dev}
)
"""Format of a price document to what reads it; each raises FeedError."""
