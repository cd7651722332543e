"""What every feed has in common: bounds, strictness, and one error."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plano.domain.catalog import Price, Rates
from plano.errors import FeedError
from plano.wire.feeds import document
from plano.wire.feeds.document import MAX_BYTES, MAX_MODELS, collect, objects, read, usd_per_mtok

ONE = Price(Rates(1.0, 1.0))

HOSTILE = {
    "nothing": b"",
    "html of 500 pages": b"<!DOCTYPE html><html>" + b"<p>Service unavailable</p>" * 60_000,
    "half a file": b'{"openai": {"models": {"gpt-4o": {"cost": {"inp',
    "byte order mark": b"\xef\xbb\xbf{}",
    "latin-1": b'{"a": "\xe9"}',
    "a list": b"[1]",
    "a number": b"7",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "minus Infinity": b'{"a": -Infinity}',
    "a key twice": b'{"a": 1, "a": 2}',
    "too deep": b'{"a":' * 65 + b"1" + b"}" * 65,
    "much too deep": b'{"a":' * 1_000_000,
    "two documents": b"{}{}",
    "too large": b" " * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_document_is_one_error(body: bytes) -> None:
    """Whatever comes, FeedError is the only way out, and its text says which feed it is about in one line."""
    with pytest.raises(FeedError, match=r"^the price feed [^\n]+$"):
        read(body)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    """Any bytes: an object or FeedError."""
    with suppress(FeedError):
        assert isinstance(read(body), dict)


def test_the_largest_document_is_read() -> None:
    """The bound itself is allowed."""
    assert read(b"{}" + b" " * (MAX_BYTES - 2)) == {}


@pytest.mark.parametrize("value", [None, "3", True, False, [], {}, -1, -1e-9, float("nan"), float("inf"), 1e7, 10**400])
def test_what_is_no_price_is_unknown(value: Any) -> None:
    """Text, flags, negative, not finite, absurd: None, never 0 and never a guess."""
    assert usd_per_mtok(value) is None
    assert usd_per_mtok(value, times=2.0) is None


@pytest.mark.parametrize(("value", "price"), [(0, 0.0), (3, 3.0), (0.15, 0.15), (1e6, 1e6)])
def test_a_price_is_what_it_says(value: float, price: float) -> None:
    """0 is a price: the source said it."""
    assert usd_per_mtok(value) == price


@given(st.integers(0, 10**9))
def test_per_token_prices_come_out_as_they_are_written(micro: int) -> None:
    """A decimal price per million, written per token and multiplied back, is the same number again."""
    assert usd_per_mtok(float(f"{micro}e-12"), times=1e6) == float(f"{micro}e-6")


def test_a_price_that_only_the_unit_makes_absurd_is_unknown() -> None:
    """A source that means USD per million where USD per token is due is a million times off."""
    assert usd_per_mtok(15.0, times=1e6) is None


def test_models_without_a_usable_price_are_counted() -> None:
    """The good ones stay; a bad one, an odd key or a second one of the same name has no price."""
    said = [("a", ONE), ("b", None), (7, ONE), ("", ONE), ("x" * 257, ONE), (None, ONE), ("a", ONE)]
    feed = collect(said, lambda price: price)
    assert (dict(feed.prices), feed.unpriced) == ({"a": ONE}, 6)


def test_a_feed_without_a_model_is_an_error() -> None:
    """It is no price list; one whose models have no price is: they are unknown."""
    with pytest.raises(FeedError, match="lists no model"):
        collect([], lambda price: price)
    assert collect([("a", None)], lambda price: price).unpriced == 1


def test_a_million_models_are_refused_early() -> None:
    """The bound is a bound on work: the model after it is the last one looked at."""
    seen = 0

    def endless() -> Any:
        nonlocal seen
        while True:
            seen += 1
            yield f"m{seen}", ONE

    with pytest.raises(FeedError, match=f"more than {MAX_MODELS} models"):
        collect(endless(), lambda price: price)
    assert seen == MAX_MODELS + 1


def test_as_many_as_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound itself is allowed."""
    monkeypatch.setattr(document, "MAX_MODELS", 2)
    assert len(collect([("a", ONE), ("b", ONE)], lambda price: price).prices) == 2


def test_only_objects_have_members() -> None:
    """A list or text where an object is due has none."""
    assert (objects({"a": 1}), objects([1]), objects("a"), objects(None)) == ({"a": 1}, {}, {}, {})
