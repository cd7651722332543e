"""What every price feed has in common: a bounded strict document, and numbers that are prices or nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from plano.domain.catalog import Price, PriceFeed
from plano.errors import FeedError, InvalidJson
from plano.wire import json_guard

MAX_BYTES = 8 * 1024 * 1024
MAX_MODELS = 50_000
"""Seven times what the largest source lists today."""

MAX_USD_PER_MTOK = 1_000_000.0
"""A dollar per token: beyond it a number is in another unit."""

MAX_KEY_CHARS = 256


def read(body: bytes) -> dict[str, Any]:
    """The object a source sent. Raises FeedError for anything else: too many bytes, HTML, half a file, NaN."""
    if len(body) > MAX_BYTES:
        raise FeedError(f"the price feed has {len(body)} bytes, at most {MAX_BYTES} are read")
    try:
        value = json_guard.loads(body)
    except InvalidJson as error:
        raise FeedError(
            f"the price feed is not valid JSON: {error.message.partition(': ')[2] or error.message}"
        ) from None
    if not isinstance(value, dict):
        raise FeedError("the price feed is not a JSON object")
    return value


def collect(models: Iterable[tuple[Any, Any]], price: Callable[[Any], Price | None]) -> PriceFeed:
    """The feed of (key, what the source says about it). ``price``: None when what is said is no price.

    Raises FeedError for more than MAX_MODELS, and for none at all.
    """
    prices: dict[str, Price] = {}
    unpriced = 0
    for count, (key, said) in enumerate(models):
        if count >= MAX_MODELS:
            raise FeedError(f"the price feed lists more than {MAX_MODELS} models")
        found = price(said) if isinstance(key, str) and 0 < len(key) <= MAX_KEY_CHARS else None
        if found is None or key in prices:
            unpriced += 1
        else:
            prices[key] = found
    if not prices and not unpriced:
        raise FeedError("the price feed lists no model")
    return PriceFeed(prices, unpriced)


def usd_per_mtok(value: Any, *, times: float = 1.0) -> float | None:
    """USD per million tokens; None for what is no price: text, true, negative, not finite, absurd.

    ``times``: what the source's number is multiplied with. The product is cut to twelve digits, so that 3e-7 USD per
    token is 0.3 and not 0.30000000000000004.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_USD_PER_MTOK:
        return None
    product = float(value) if times == 1.0 else float(f"{value * times:.12g}")
    return product if math.isfinite(product) and product <= MAX_USD_PER_MTOK else None


def objects(value: Any) -> dict[str, Any]:
    """The members of an object; none for anything else."""
    return value if isinstance(value, dict) else {}
