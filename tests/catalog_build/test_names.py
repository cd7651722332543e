"""Which ids are chat models."""

from __future__ import annotations

import pytest
from catalog.names import PROVIDERS, RESELLERS, WITH_SLASH, is_chat

from plano.catalog.names import canonical_provider


@pytest.mark.parametrize(
    "model_id", ["gpt-4o", "gpt-audio", "o3", "claude-opus-5", "gemini-2.5-flash-lite", "olive-7b"]
)
def test_chat(model_id: str) -> None:
    """Models that answer in text."""
    assert is_chat(model_id, "openai")


@pytest.mark.parametrize(
    "model_id",
    [
        *(
            "text-embedding-3-small",
            "whisper-1",
            "gpt-4o-transcribe",
            "tts-1",
            "dall-e-3",
            "gpt-image-1",
            "qwen3-asr-flash",
        ),
        *(
            "gemini-live-2.5-flash",
            "gpt-4o-realtime-preview",
            "omni-moderation-latest",
            "ft:gpt-4o",
            "llama-guard-3-8b",
        ),
    ],
)
def test_not_chat(model_id: str) -> None:
    """Models that do something else, and fine-tuned ones that only their owner has."""
    assert not is_chat(model_id, "openai")


def test_a_slash_is_a_region_except_where_ids_have_one() -> None:
    """``eu/gpt-4o`` at Azure is the same model elsewhere; ``openai/gpt-oss-20b`` at Groq is the id."""
    assert [is_chat("a/gpt-4o", provider) for provider in ("azure_openai", "groq", "openrouter")] == [False, True, True]


def test_the_table_is_in_the_products_own_words() -> None:
    """Provider names are unique and are the catalog's spellings; the sets name providers of the table."""
    names = [row.name for row in PROVIDERS]
    assert len(set(names)) == len(names)
    assert [canonical_provider(name) for name in names] == names
    assert set(names) >= WITH_SLASH >= RESELLERS
