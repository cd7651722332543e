"""The version gate, and the forms that depend on the version."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Codes = Callable[[str], list[tuple[str, int | None]]]
PROVIDERS = "model_providers:\n  - model: openai/gpt-4o\n    access_key: $OPENAI_API_KEY\n"
ROUTES = "routing_preferences:\n  - {name: a, description: b, models: [gpt-4o]}\n"
INSIDE = "    routing_preferences:\n      - {name: a, description: b}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"version: v0.4.0\n{PROVIDERS}{ROUTES}", []),
        (f"version: v0.3.0\n{PROVIDERS}{ROUTES}", [("PL-C031", 1)]),
        (f"version: v0.3.0\n{PROVIDERS}routing_preferences: []\n", [("PL-C031", 1)]),
        (f"{ROUTES}{PROVIDERS}version: 0.3\n", [("PL-C031", 6)]),
        (f"version: v0.3.0\n{PROVIDERS}", []),
        (f"version: newest\n{PROVIDERS}{ROUTES}", [("PL-C030", 1)]),
        (f"{PROVIDERS}", [("PL-C012", 1)]),
        (f"version: v0.4.0\n{PROVIDERS}{INSIDE}", [("PL-C032", 5)]),
        (f"version: v0.3.0\n{PROVIDERS}{INSIDE}", [("PL-C033", 5)]),
        (f"version: v0.3.0\n{PROVIDERS.replace('gpt-4o', '*')}{INSIDE}", [("PL-C032", 5)]),
        (f"version: v0.3.0\n{PROVIDERS}{INSIDE}{ROUTES}", [("PL-C031", 1), ("PL-C033", 5)]),
        (f"version: v0.4.0\n{PROVIDERS.replace('model_', 'llm_')}", [("PL-C033", 2)]),
        (f"version: v0.4.0\nllm_providers: []\n{PROVIDERS}", [("PL-C014", 2), ("PL-C034", 3)]),
        ("version: v0.4.0\n", [("PL-C012", 1)]),
        ("version: v0.4.0\nmodel_providers: ~\n", [("PL-C012", 2)]),
    ],
)
def test_gate(codes: Codes, text: str, expected: list[tuple[str, int]]) -> None:
    """Each form is accepted, warned of or refused by the version of the file, at this line."""
    assert codes(text) == expected


def test_the_gate_names_the_line_of_the_list(findings: Callable[[str], tuple[object, ...]]) -> None:
    """The error at the version says where the list is and what to do."""
    (finding,) = findings(f"version: v0.3.0\n{PROVIDERS}{ROUTES}")
    assert "(line 5)" in str(finding)
    assert "raise the version to v0.4.0, or remove 'routing_preferences'" in str(finding)


def test_the_remedy_names_the_model(findings: Callable[[str], tuple[object, ...]]) -> None:
    """A list inside a provider is told how it looks at the top level."""
    (finding,) = findings(f"version: v0.4.0\n{PROVIDERS}{INSIDE}")
    assert "move it to the top level, with 'models: [openai/gpt-4o]' in each entry" in str(finding)
