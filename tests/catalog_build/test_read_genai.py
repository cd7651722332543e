"""genai-prices, read as data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from catalog.read_genai import statements
from catalog.statement import Facts, Quote, Rates, Statement

from tests.catalog_build.made import rates

FILE = b"""
import datetime
raise SystemExit("this file is never run")
providers: list[Provider] = [
    Provider(id='nobody', models=[ModelInfo(id='m', match=ClauseEquals(equals='m'), prices=ModelPrice())]),
    Provider(
        id='google',
        models=[
            ModelInfo(
                id='flash',
                match=ClauseOr(or_=[
                    ClauseEquals(equals='flash'), ClauseEquals(equals='flash-1'), ClauseStartsWith(starts_with='fl'),
                    ClauseEquals(equals='flash-tts'),
                ]),
                context_window=1000,
                prices=ModelPrice(
                    input_mtok=TieredPrices(base=Decimal('1.25'), tiers=[Tier(start=200000, price=Decimal('2.5'))]),
                    output_mtok=Decimal('10'),
                    cache_read_mtok=Decimal('0.125'),
                    output_reasoning_mtok=Decimal('20'),
                    web_searches_kcount=Decimal('35'),
                ),
            ),
            ModelInfo(
                id='dated',
                match=ClauseEquals(equals='dated'),
                prices=[
                    ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('1'), output_mtok=Decimal('1'))),
                    ConditionalPrice(
                        constraint=StartDateConstraint(start_date=datetime.date(2026, 5, 1)),
                        prices=ModelPrice(input_mtok=Decimal('2'), output_mtok=Decimal('2')),
                    ),
                    ConditionalPrice(
                        constraint=TimeOfDateConstraint(start_time=datetime.time(1, 0), end_time=datetime.time(4, 0)),
                        prices=ModelPrice(input_mtok=Decimal('9'), output_mtok=Decimal('9')),
                    ),
                    ConditionalPrice(
                        constraint=StartDateConstraint(start_date=datetime.date(2027, 1, 1)),
                        prices=ModelPrice(input_mtok=Decimal('3'), output_mtok=Decimal('3')),
                    ),
                ],
            ),
            ModelInfo(id='flash-tts', match=ClauseEquals(equals='flash-tts'), prices=ModelPrice()),
            ModelInfo(id='half', match=ClauseEquals(equals='half'), prices=ModelPrice(input_mtok=Decimal('1'))),
        ],
    ),
]
"""


def read(today: str = "2026-11-01") -> dict[str, Statement]:
    """The statements by id."""
    return {said.id: said for said in statements(FILE, date.fromisoformat(today))}


def test_a_model() -> None:
    """Tiered parts become whole tiers; names matched letter for letter are aliases, prefixes are not."""
    above = Rates(Decimal("2.5"), Decimal(10), Decimal("0.125"))
    assert read()["flash"] == Statement(
        "genai-prices",
        "gemini",
        "flash",
        Quote(rates("1.25", "10", "0.125"), Decimal(20), ((200_000, above),)),
        Facts(context=1000),
        ("flash-1",),
    )


def test_the_price_in_force() -> None:
    """The last start that has come; prices of the future and of certain hours are left out."""
    assert [read(day)["dated"].quote for day in ("2026-04-30", "2026-05-01", "2027-01-01")] == [
        Quote(rates(price, price)) for price in "123"
    ]


def test_who_is_left_out() -> None:
    """Providers that Plano has no name for, models that do not chat; a price without output is none."""
    assert set(read()) == {"flash", "dated", "half"}
    assert read()["half"].quote is None
