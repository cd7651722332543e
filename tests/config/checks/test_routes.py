"""Routes: unique names, declared models."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Codes = Callable[[str], list[tuple[str, int | None]]]


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ("[openai/gpt-4o]", []),
        ("[gpt-4o]", []),
        ("[openai/gpt-4]", [("PL-C050", 6)]),
        ("[foo/gpt-4o]", [("PL-C050", 6)]),
        ("[OpenAI/gpt-4o]", [("PL-C050", 6)]),
        ("[auto]", [("PL-C050", 6)]),
        ("[none]", [("PL-C050", 6)]),
        ("[openai/*]", [("PL-C047", 6)]),
        ("[openai/gpt-4o, gpt-4o]", [("PL-C052", 6)]),
        ("[openai/gpt-4o, gpt-4o, gpt-4o]", [("PL-C052", 6)]),
        ("[a, b]", [("PL-C050", 6), ("PL-C050", 6)]),
    ],
)
def test_candidates(codes: Codes, one_model: str, models: str, expected: list[tuple[str, int]]) -> None:
    """A candidate is a declared model, named once."""
    text = f"{one_model}routing_preferences:\n  - {{name: a, description: b, models: {models}}}\n"
    assert codes(text) == expected


def test_names_are_unique(codes: Codes, one_model: str) -> None:
    """The second of two equal names is the mistake; case tells names apart."""
    rows = "".join(f"  - {{name: {name}, description: b, models: [gpt-4o]}}\n" for name in ("a", "A", "a"))
    assert codes(f"{one_model}routing_preferences:\n{rows}") == [("PL-C051", 8)]


def test_nearest_names_are_looked_for_a_few_times(
    findings: Callable[[str], tuple[object, ...]], one_model: str
) -> None:
    """Of many undeclared models only the first ones get a suggestion."""
    rows = "".join(f"  - {{name: r{number}, description: b, models: [openai/gpt-4]}}\n" for number in range(30))
    found = findings(f"{one_model}routing_preferences:\n{rows}")
    assert len(found) == 30
    assert sum("did you mean" in str(finding) for finding in found) == 20


@pytest.mark.parametrize(("count", "expected"), [(256, []), (257, [("PL-C014", 6)])])
def test_number_of_routes(codes: Codes, one_model: str, count: int, expected: list[tuple[str, int]]) -> None:
    """At most 256 routes."""
    rows = "".join(f"  - {{name: r{number}, description: b, models: [gpt-4o]}}\n" for number in range(count))
    assert codes(f"{one_model}routing_preferences:\n{rows}") == expected


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("n" * 128, "d" * 2048, []),
        ("n" * 129, "d", [("PL-C014", 6)]),
        ("n", "d" * 2049, [("PL-C014", 6)]),
        ("é" * 64, "é" * 1024, []),
        ("é" * 65, "é" * 1025, [("PL-C014", 6), ("PL-C014", 6)]),
    ],
)
def test_sizes(codes: Codes, one_model: str, name: str, description: str, expected: list[tuple[str, int]]) -> None:
    """Names have at most 128 bytes, descriptions 2048; bytes of UTF-8, not characters."""
    text = f"{one_model}routing_preferences:\n  - {{name: {name}, description: {description}, models: [gpt-4o]}}\n"
    assert codes(text) == expected


@pytest.mark.parametrize(("count", "expected"), [(32, []), (33, [("PL-C014", 8)])])
def test_number_of_candidates(codes: Codes, count: int, expected: list[tuple[str, int]]) -> None:
    """At most 32 candidates."""
    models = ", ".join(f"openai/m{number}" for number in range(count))
    text = (
        "version: v0.4.0\nmodel_providers:\n  - model: openai/*\n    access_key: $OPENAI_API_KEY\n"
        f"routing_preferences:\n  - name: a\n    description: b\n    models: [{models}]\n"
    )
    assert codes(text) == expected
