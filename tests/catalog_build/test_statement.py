"""What counts as a price in a source."""

from __future__ import annotations

from decimal import Decimal

import pytest
from catalog.statement import Facts, Quote, Rates, quote, rounded

from tests.catalog_build.made import rates


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2.4999999999999998", "2.5"), ("0.30000000000000004", "0.3"), ("1.14286", "1.14286"), ("30", "3E+1")],
)
def test_six_digits(value: str, shown: str) -> None:
    """The noise of binary fractions goes, the digits that vendors use stay."""
    assert str(rounded(Decimal(value))) == shown


@pytest.mark.parametrize(
    ("model_id", "is_price"), [("m", False), ("m:free", True), ("big-pickle-free", True), ("freebie", False)]
)
def test_nothing_is_free_by_omission(model_id: str, is_price: bool) -> None:
    """0 and 0 is a price only where the id says so."""
    assert (quote(rates("0", "0"), (), None, model_id=model_id) is not None) is is_price


def test_no_rates_no_price() -> None:
    """A source that names none has none."""
    assert quote(None, (), None, model_id="m") is None


def test_a_free_cache_beside_a_paid_input_is_no_cache() -> None:
    """0 for cached or written tokens becomes unknown."""
    assert quote(rates("1", "2", "0", "0"), (), None, model_id="m") == Quote(Rates(Decimal(1), Decimal(2)))


def test_what_repeats_the_base_is_dropped() -> None:
    """A tier at the base's prices is no tier, a reasoning price equal to the output's is none; tiers come sorted."""
    same, dear, dearer = rates("1", "2"), rates("2", "4"), rates("4", "8")
    found = quote(same, ((9, dearer), (5, dear), (3, same)), Decimal(2), model_id="m")
    assert found == Quote(same, None, ((5, dear), (9, dearer)))
    with_reasoning = quote(same, (), Decimal(8), model_id="m")
    assert with_reasoning is not None
    assert with_reasoning.reasoning == 8


def test_facts_fill_each_others_gaps() -> None:
    """``False`` is an answer, None is not."""
    assert Facts(tools=False, context=1).or_else(Facts(tools=True, max_output=2)) == Facts(
        tools=False, context=1, max_output=2
    )
