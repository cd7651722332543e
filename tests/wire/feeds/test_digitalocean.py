"""The format of DigitalOcean's catalog: per token, whatever the names say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.catalog import Price, Rates
from plano.errors import FeedError
from plano.wire.feeds.digitalocean import parse_digitalocean

GOOD = {"input_price_per_million": 3e-6, "output_price_per_million": 15e-6}
LONG, SHORT = "cache_read_input_price_per_million", "input_cache_read"


def body(*models: Any) -> bytes:
    """A document of these models."""
    return json.dumps({"data": models}).encode()


def price(pricing: Any) -> Price | None:
    """The price of one model, beside one that keeps the feed usable."""
    models = ({"model_id": "m", "pricing": pricing}, {"model_id": "good", "pricing": GOOD})
    return parse_digitalocean(body(*models)).prices.get("m")


@pytest.mark.parametrize(
    ("cached", "rate"),
    [
        ({LONG: 3e-7, SHORT: 9e-7}, 0.3),
        ({SHORT: 3e-7}, 0.3),
        ({LONG: None, SHORT: 3e-7}, 0.3),
        ({LONG: -1, SHORT: 3e-7}, None),
        ({}, None),
    ],
    ids=["the long name wins", "the short name alone", "null is absent", "an odd one is not replaced", "neither"],
)
def test_cached_prices(cached: dict[str, Any], rate: float | None) -> None:
    """USD per million tokens, exactly; unknown where none is stated."""
    assert price({**GOOD, **cached}) == Price(Rates(3.0, 15.0, rate))


@pytest.mark.parametrize("missing", list(GOOD))
@pytest.mark.parametrize("odd", [None, "3e-6", -3e-6, True, [], 15.0])
def test_a_missing_or_odd_price_is_unknown(missing: str, odd: Any) -> None:
    """Not 0, and not a million times too much either."""
    assert price({**GOOD, missing: odd}) is None
    assert price({name: value for name, value in GOOD.items() if name != missing}) is None


def test_the_key_is_the_model_id_as_it_stands() -> None:
    """Slashes, dots and capitals stay; a model without an id has no price."""
    feed = parse_digitalocean(body({"model_id": "A.b/c", "pricing": GOOD}, {"pricing": GOOD}, 7, {"model_id": "d"}))
    assert (dict(feed.prices), feed.unpriced) == ({"A.b/c": Price(Rates(3.0, 15.0))}, 3)


@pytest.mark.parametrize("sent", [b"{}", b'{"data": {}}', b'{"data": null}', b'{"data": []}', b"<html>"])
def test_a_document_of_another_shape_is_an_error(sent: bytes) -> None:
    """No price in it: whoever asked keeps what it has."""
    with pytest.raises(FeedError):
        parse_digitalocean(sent)


@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=5))
def test_a_decimal_price_survives_the_unit(micros: list[int]) -> None:
    """What is written as so many millionths of a dollar per million tokens comes out as that."""
    models = [
        {
            "model_id": f"m{place}",
            "pricing": {"input_price_per_million": float(f"{micro}e-12"), "output_price_per_million": 0},
        }
        for place, micro in enumerate(micros)
    ]
    prices = parse_digitalocean(body(*models)).prices
    assert [prices[f"m{place}"].rates.input for place in range(len(micros))] == [
        float(f"{micro}e-6") for micro in micros
    ]
