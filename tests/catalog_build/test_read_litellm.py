"""litellm's price file."""

from __future__ import annotations

import json
from typing import Any

from catalog.read_litellm import statements
from catalog.statement import Facts, Quote, Statement

from tests.catalog_build.made import quoted, rates

CHAT = {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1.25e-6, "output_cost_per_token": 1e-5}


def read(key: str, row: dict[str, Any]) -> list[Statement]:
    """What is said about one row."""
    return list(statements(json.dumps({key: row}).encode()))


def only(key: str, row: dict[str, Any]) -> Statement:
    """The one statement about a row."""
    (said,) = read(key, row)
    return said


def test_per_token_becomes_per_million() -> None:
    """Exactly, with cached and written tokens and the tier above so many thousand."""
    row = {
        **CHAT,
        "cache_read_input_token_cost": 1.25e-7,
        "cache_creation_input_token_cost": 3e-7,
        "input_cost_per_token_above_200k_tokens": 2.5e-6,
        "output_cost_per_token_above_200k_tokens": 1.5e-5,
        "input_cost_per_token_above_200k_tokens_batches": 9e-6,
        "input_cost_per_token_batches": 9e-6,
    }
    said = only("gemini/flash", row)
    assert (said.package, said.provider, said.id) == ("litellm", "gemini", "flash")
    assert said.quote == Quote(rates("1.25", "10", "0.125", "0.3"), None, ((200_000, rates("2.5", "15")),))


def test_priced_by_steps() -> None:
    """The first step is the base; the others are tiers above their lower end."""
    steps = [
        {"input_cost_per_token": price, "output_cost_per_token": price, "range": bounds}
        for price, bounds in ((1e-6, [0, 256000.0]), (3e-6, [256000.0, 1000000.0]))
    ]
    row = {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing": steps}
    assert only("dashscope/qwen", row).quote == quoted("1", "1", tiers=((256_000, rates("3", "3")),))


def test_facts() -> None:
    """A flag that is off says nothing; 0 tokens say nothing; kinds come in one order."""
    row = {
        **CHAT,
        "max_input_tokens": 1000,
        "max_output_tokens": 0,
        "supports_audio_input": True,
        "supports_vision": True,
        "supports_function_calling": False,
        "supports_response_schema": True,
        "supported_output_modalities": ["image", "text"],
    }
    assert only("gemini/flash", row).facts == Facts(
        max_input=1000, reads=("text", "image", "audio"), writes=("text", "image"), structured=True
    )


def test_who_is_left_out() -> None:
    """Other providers, other modes, keys without the provider's prefix, ids that do not chat."""
    assert read("flash", CHAT) == []
    assert read("gemini/flash", {**CHAT, "mode": "embedding"}) == []
    assert read("gemini/flash", {**CHAT, "litellm_provider": "vertex_ai"}) == []
    assert read("gemini/flash-tts", CHAT) == []


def test_a_price_that_is_no_number_is_none() -> None:
    """Text in the file is not guessed at."""
    assert only("gemini/flash", {**CHAT, "input_cost_per_token": "1e-6"}).quote is None


def test_a_model_is_said_once() -> None:
    """DeepSeek's keys stand there with and without prefix; the one with it counts."""
    row = {**CHAT, "litellm_provider": "deepseek"}
    both = {"deepseek-chat": {**row, "input_cost_per_token": 9e-6}, "deepseek/deepseek-chat": row}
    (said,) = statements(json.dumps(both).encode())
    assert said.quote == quoted("1.25", "10")
