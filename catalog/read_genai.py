"""Reads genai-prices: its Python file is parsed as data and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from catalog.names import PROVIDERS, is_chat
from catalog.statement import Facts, Quote, Rates, Statement, quote, rounded

_PARTS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cached": "cache_read_mtok",
    "write": "cache_write_mtok",
}


def statements(data: bytes, today: date) -> Iterator[Statement]:
    """What the file says about every chat model, with the prices in force on ``today``."""
    ours = {row.genai: row.name for row in PROVIDERS}
    for call in _provider_calls(ast.parse(data)):
        provider = ours.get(call["id"])
        if provider is None:
            continue
        for model in call["models"]:
            if not is_chat(model["id"], provider):
                continue
            price = _in_force(model["prices"], today)
            yield Statement(
                package="genai-prices",
                provider=provider,
                id=model["id"],
                quote=_quote(price, model["id"]),
                facts=Facts(context=model.get("context_window")),
                aliases=tuple(
                    name for name in _equals(model["match"]) if name != model["id"] and is_chat(name, provider)
                ),
            )


def _provider_calls(tree: ast.Module) -> Iterator[dict[str, Any]]:
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.List):
            yield from (_value(item) for item in node.value.elts)


def _value(node: ast.AST) -> Any:
    """The value a literal stands for; a call becomes the dict of its arguments, ``_`` being its name."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item) for item in items]
        case ast.Dict(keys=keys, values=values):
            return {_value(key): _value(value) for key, value in zip(keys, values, strict=True) if key is not None}
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str(text))]):
            return Decimal(text)
        case ast.Call(func=ast.Attribute(attr="date"), args=parts):
            return date(*(_value(part) for part in parts))
        case ast.Call(func=ast.Name(id=name), keywords=named):
            return {"_": name, **{item.arg: _value(item.value) for item in named}}
        case _:
            return None


def _in_force(prices: Any, today: date) -> dict[str, Any]:
    """The last price whose start has come. Prices for certain hours of the day are left to the conflict log."""
    if isinstance(prices, dict):
        return prices
    active: dict[str, Any] = {}
    for conditional in prices:
        constraint = conditional.get("constraint")
        starts = (constraint or {}).get("start_date")
        if constraint is None or (starts is not None and starts <= today):
            active = conditional["prices"]
    return active


def _quote(price: dict[str, Any], model_id: str) -> Quote | None:
    thresholds = {
        tier["start"]
        for part in price.values()
        if isinstance(part, dict)
        for tier in part["tiers"]
        if tier["start"] > 0
    }
    base = _rates(price, 0)
    tiers = tuple((above, rates) for above in sorted(thresholds) if (rates := _rates(price, above)) is not None)
    reasoning = price.get("output_reasoning_mtok")
    return quote(base, tiers, rounded(reasoning) if isinstance(reasoning, Decimal) else None, model_id=model_id)


def _rates(price: dict[str, Any], tokens: int) -> Rates | None:
    parts = {name: _at(price.get(key), tokens) for name, key in _PARTS.items()}
    given, taken = parts["input"], parts["output"]
    if given is None or taken is None:
        return None
    return Rates(given, taken, parts["cached"], parts["write"])


def _at(part: Any, tokens: int) -> Decimal | None:
    if isinstance(part, dict):
        reached = [tier["price"] for tier in part["tiers"] if tier["start"] <= tokens]
        return rounded(reached[-1] if reached else part["base"])
    return rounded(part) if isinstance(part, Decimal) else None


def _equals(match: Any) -> tuple[str, ...]:
    """The names that a matcher takes letter for letter; prefixes and patterns would let in other models."""
    if match["_"] == "ClauseEquals":
        return (match["equals"],)
    return tuple(name for part in match.get("or_", ()) for name in _equals(part))
