"""Reads litellm's price file: JSON, one key per model, prices per token."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from catalog.names import PROVIDERS, is_chat
from catalog.statement import MODALITIES, Facts, Quote, Rates, Statement, quote, rounded

_MODES = {"chat", "responses", "completion"}
_PER_MILLION = Decimal(1_000_000)
_TIER = re.compile(r"input_cost_per_token_above_(\d+)k_tokens$")
_READS = (
    ("image", "supports_vision"),
    ("pdf", "supports_pdf_input"),
    ("audio", "supports_audio_input"),
    ("video", "supports_video_input"),
)


def statements(data: bytes) -> Iterator[Statement]:
    """What the file says about every chat model."""
    rows: dict[str, dict[str, Any]] = json.loads(data, parse_float=Decimal)
    said: set[tuple[str, str]] = set()
    for name, litellm_provider, prefix in _places():
        for key, row in rows.items():
            model_id = key.removeprefix(prefix)
            if not key.startswith(prefix) or row.get("litellm_provider") != litellm_provider:
                continue
            if row.get("mode") not in _MODES or not is_chat(model_id, name) or (name, model_id) in said:
                continue
            said.add((name, model_id))
            yield Statement("litellm", name, model_id, _quote(row, model_id), _facts(row))


def _places() -> Iterator[tuple[str, str, str]]:
    for provider in PROVIDERS:
        for litellm_provider, prefix in provider.litellm:
            yield provider.name, litellm_provider, prefix


def _quote(row: dict[str, Any], model_id: str) -> Quote | None:
    if "tiered_pricing" in row:
        steps = [(int(step["range"][0]), _rates(step, "")) for step in row["tiered_pricing"] if "range" in step]
        steps = [(0 if above < 1000 else above, rates) for above, rates in steps]
        base = dict(steps).get(0)
    else:
        names = (match for key in row if (match := _TIER.match(key)))
        steps = [(int(match[1]) * 1000, _rates(row, f"_above_{match[1]}k_tokens")) for match in names]
        base = _rates(row, "")
    tiers = tuple((above, rates) for above, rates in steps if above and rates is not None)
    return quote(base, tiers, _price(row, "output_cost_per_reasoning_token"), model_id=model_id)


def _rates(row: dict[str, Any], suffix: str) -> Rates | None:
    given, taken = _price(row, "input_cost_per_token" + suffix), _price(row, "output_cost_per_token" + suffix)
    if given is None or taken is None:
        return None
    return Rates(
        given,
        taken,
        _price(row, "cache_read_input_token_cost" + suffix),
        _price(row, "cache_creation_input_token_cost" + suffix),
    )


def _price(row: dict[str, Any], key: str) -> Decimal | None:
    value = row.get(key)
    return rounded(Decimal(value) * _PER_MILLION) if isinstance(value, int | Decimal) else None


def _facts(row: dict[str, Any]) -> Facts:
    reads = tuple(kind for kind, flag in _READS if row.get(flag) is True)
    return Facts(
        max_input=_count(row.get("max_input_tokens")),
        max_output=_count(row.get("max_output_tokens")),
        reads=("text", *reads) if reads else None,
        writes=tuple(kind for kind in MODALITIES if kind in row.get("supported_output_modalities", ())) or None,
        tools=_yes(row.get("supports_function_calling")),
        structured=_yes(row.get("supports_response_schema")),
        reasoning=_yes(row.get("supports_reasoning")),
    )


def _yes(value: Any) -> bool | None:
    """A flag that is off was often never looked up, so only ``true`` is an answer."""
    return True if value is True else None


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | Decimal) and value > 0 else None
