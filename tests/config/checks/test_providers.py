"""Each provider on its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Codes = Callable[[str], list[tuple[str, int | None]]]
KEY = "    access_key: $OPENAI_API_KEY\n"


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        (f"  - model: openai/gpt-4o\n{KEY}", []),
        (f"  - model: gpt-4o\n{KEY}", [("PL-C040", 3)]),
        (f"  - model: /gpt-4o\n{KEY}", [("PL-C040", 3)]),
        (f"  - model: openai/\n{KEY}", [("PL-C040", 3)]),
        (f"  - model: openai/gpt-*\n{KEY}", [("PL-C040", 3)]),
        (f"  - model: acme/m\n{KEY}", [("PL-C041", 3)]),
        (f"  - model: acme/m\n{KEY}    provider_interface: openai\n", [("PL-C041", 3)]),
        ("  - model: acme/m\n    base_url: http://h\n", []),
        (f"  - model: Openai/gpt-4o\n{KEY}", [("PL-C041", 3)]),
        ("  - model: ollama/m\n", [("PL-C042", 3)]),
        ("  - model: ollama/m\n    base_url: http://h\n", []),
        (f"  - model: openai/m\n{KEY}    provider_interface: openai\n", [("PL-C049", 5)]),
        ("  - model: openai/m\n", [("PL-C048", 3)]),
        ("  - model: openai/m\n    access_key:\n", [("PL-C048", 3)]),
        ("  - model: openai/m\n    passthrough_auth: true\n", []),
        (f"  - model: openai/m\n    passthrough_auth: true\n{KEY}", [("PL-C081", 5)]),
        ("  - model: openai/m\n    base_url: http://h\n", []),
        ("  - model: openai/m\n    headers: {Authorization: $OPENAI_API_KEY}\n", []),
        (f"  - model: openai/m\n{KEY}    headers: {{Authorization: $OPENAI_API_KEY}}\n", [("PL-C081", 4)]),
        (f"  - model: openai/m\n{KEY}    headers: {{api-key: $OPENAI_API_KEY}}\n", []),
        ("  - model: openai/m\n    access_key: sk-literal-123\n", [("PL-C080", 4)]),
        ("  - model: openai/m\n    access_key: ${NOPE:-sk-literal-123}\n", []),
        (
            f"  - model: openai/m\n{KEY}    headers: {{HOST: x, X-A: y, content-length: '5'}}\n",
            [("PL-C014", 5), ("PL-C014", 5)],
        ),
        ("  - model: openai/m\n    access_key: $NOPE\n", [("PL-C020", 4)]),
        ("  - model: $NOPE\n", [("PL-C020", 3)]),
    ],
)
def test_provider(codes: Codes, provider: str, expected: list[tuple[str, int]]) -> None:
    """A provider can be reached and has the key that it needs, or the finding stands at this line."""
    assert codes(f"version: v0.4.0\nmodel_providers:\n{provider}") == expected


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("callers: {keys: {a: literal-0123456789}}\n", [("PL-C080", 5)]),
        ("callers: {keys: {a: $CALLER_KEY}}\n", []),
        ("admin: {token: literal-0123456789}\n", [("PL-C080", 5)]),
        ("tracing: {exporters: [{type: posthog, url: http://h, api_key: literal}]}\n", [("PL-C080", 5)]),
    ],
)
def test_literal_keys(codes: Codes, one_model: str, section: str, expected: list[tuple[str, int]]) -> None:
    """A key in the file is warned of, whoever's it is."""
    assert codes(one_model + section) == expected


def test_an_unknown_provider_is_told_the_known_ones(findings: Callable[[str], tuple[object, ...]]) -> None:
    """A prefix like no other is answered with the list, a misspelt one with its nearest."""
    head = "version: v0.4.0\nmodel_providers:\n  - model: {}/m\n"
    (far,), (near,) = findings(head.format("acme")), findings(head.format("antropic"))
    assert "known providers: amazon, amazon_bedrock, anthropic" in str(far)
    assert "did you mean 'anthropic'?" in str(near)
