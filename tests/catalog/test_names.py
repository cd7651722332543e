"""Spellings: dates and regions come off, words never do."""

from __future__ import annotations

import pytest

from plano.catalog.names import PROVIDER_SPELLINGS, canonical_provider, families


@pytest.mark.parametrize(
    ("dated", "family"),
    [
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("claude-sonnet-4@20250514", "claude-sonnet-4"),
        ("gemini-1.5-pro-002", "gemini-1.5-pro"),
        ("command-a-03-2025", "command-a"),
        ("mistral-large-2411", "mistral-large"),
        ("grok-2-1212", "grok-2"),
        ("gpt-3.5-turbo-0125", "gpt-3.5-turbo"),
        ("mistral-small-latest", "mistral-small"),
    ],
)
def test_a_date_comes_off(dated: str, family: str) -> None:
    """Each vendor's way to date an id leads to the family."""
    assert list(families(dated)) == [family]


@pytest.mark.parametrize(
    "model_id",
    [
        *(
            "gpt-4o",
            "gpt-4o-mini",
            "claude-opus-4-1",
            "llama3-8b-8192",
            "qwen3-32b",
            "o1",
            "glm-4-32b",
            "phi-4",
            "",
            "*",
        ),
        *("mistral-large-2499", "grok-2-1332", "moonshot-v1-128k", "gpt-4o-2024-13-01", "anthropic.claude-opus-5"),
    ],
)
def test_what_is_no_date_stays(model_id: str) -> None:
    """A version, a size or a context length is part of the name: without it, it is another model."""
    assert list(families(model_id)) == []


def test_a_region_comes_off_after_the_date() -> None:
    """The nearest family comes first: the same region undated, then at home dated, then undated."""
    assert list(families("eu.anthropic.claude-opus-5-20270101")) == [
        "eu.anthropic.claude-opus-5",
        "anthropic.claude-opus-5-20270101",
        "anthropic.claude-opus-5",
    ]


@pytest.mark.parametrize(("written", "name"), [("google", "gemini"), ("DO", "digitalocean"), ("openai", "openai")])
def test_a_provider_has_one_name(written: str, name: str) -> None:
    """Other spellings lead to the one in the catalog, whatever their case; an unknown one is its own."""
    assert canonical_provider(written) == name


def test_spellings_do_not_chain() -> None:
    """Every spelling leads to a name that is no spelling itself."""
    assert not set(PROVIDER_SPELLINGS) & set(PROVIDER_SPELLINGS.values())
