"""Providers are rows, and each row holds together."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from plano.providers import OPENAI_COMPATIBLE, PROVIDERS, SUFFIXES, Provider

ROWS = [*PROVIDERS.values(), OPENAI_COMPATIBLE]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_holds_together(row: Provider) -> None:
    """The address is https without a path, the target begins with a slash, the source is a page, a key has a name."""
    if row.base_url is not None:
        parts = urlsplit(row.base_url)
        assert (parts.scheme, parts.path, parts.query) == ("https", "", "")
        assert parts.hostname
    for dialect, target in row.targets(row.prefix):
        assert target.startswith("/")
        assert SUFFIXES[dialect] in target
    assert not row.prefix.endswith("/")
    assert len(set(row.dialects)) == len(row.dialects)
    assert row.source.startswith("https://")
    assert row.needs_key == (row.key_variable is not None)


def test_names_are_unique_and_plain() -> None:
    """The table is keyed by the row's own name, in the letters a model prefix may have."""
    assert all(name == row.name for name, row in PROVIDERS.items())
    assert all(name.replace("_", "").isalnum() and name.islower() for name in PROVIDERS)


def test_the_ones_everybody_knows() -> None:
    """What the documentation promises works without a base_url."""
    for name, host in (("openai", "api.openai.com"), ("anthropic", "api.anthropic.com"), ("groq", "api.groq.com")):
        row = PROVIDERS[name]
        assert row.base_url == f"https://{host}"
        assert row.needs_key
    assert PROVIDERS["ollama"].base_url is None
    assert not PROVIDERS["ollama"].needs_key
