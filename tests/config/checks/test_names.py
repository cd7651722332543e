"""Names of models, and everything that mentions one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Codes = Callable[[str], list[tuple[str, int | None]]]
KEY = "    access_key: $OPENAI_API_KEY\n"
TWO = f"  - model: groq/x\n{KEY}"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (TWO, []),
        (f"  - model: openai/gpt-4o\n{KEY}", [("PL-C045", 5)]),
        (f"  - model: openai/gpt-4o\n    name: other\n{KEY}", []),
        (f"  - model: groq/x\n    name: openai/gpt-4o\n{KEY}", [("PL-C045", 6)]),
        (f"  - model: openai/*\n{KEY}", []),
        (f"  - model: openai/*\n{KEY}  - model: openai/*\n{KEY}", [("PL-C045", 7)]),
        (f"  - model: openai/*\n    name: all\n{KEY}", [("PL-C035", 6)]),
        (f"    default: true\n{TWO}", []),
        (f"    default: true\n{TWO}    default: true\n", [("PL-C046", 8)]),
        (f"    default: true\n{TWO}    default: false\n", []),
        (f"  - model: openai/*\n{KEY}    default: true\n", [("PL-C047", 7)]),
        ("model_aliases: {a: {target: openai/gpt-4o}}\n", []),
        ("model_aliases: {a: {target: gpt-4o}}\n", []),
        ("model_aliases: {a: {target: openai/nope}}\n", [("PL-C050", 5)]),
        ("model_aliases: {a: {target: b}, b: {target: openai/gpt-4o}}\n", [("PL-C053", 5)]),
        ("model_aliases: {a: {target: a}}\n", [("PL-C053", 5)]),
        ("model_aliases: {a: {target: openai/*}}\n", [("PL-C047", 5)]),
        ("model_aliases: {a: {target: auto}}\n", [("PL-C050", 5)]),
        ("model_aliases: {openai/gpt-4o: {target: openai/gpt-4o}}\n", [("PL-C054", 5)]),
        (f"  - model: openai/*\n{KEY}model_aliases: {{a: {{target: openai/new}}}}\n", []),
        ("tests: [{prompt: a, first_model: openai/gpt-4o}, {prompt: a, no_route: true}]\n", []),
        ("tests: [{prompt: a}]\n", [("PL-C012", 5)]),
        ("tests: [{prompt: a, no_route: false}]\n", []),
        ("overrides: {llm_routing_model: openai/gpt-4o}\n", []),
        ("overrides: {llm_routing_model: Plano-Orchestrator}\n", [("PL-C050", 5)]),
        ("overrides: {agent_orchestration_model: nope}\n", [("PL-C050", 5)]),
        ("ratelimits: [{model: gpt-4o, selector: {key: a, value: b}, limit: {tokens: 1, unit: day}}]\n", []),
        (
            "ratelimits: [{model: gpt-5, selector: {key: a, value: b}, limit: {tokens: 1, unit: day}}]\n",
            [("PL-C050", 5)],
        ),
        ("model_metrics_sources: [{type: cost, provider: models.dev, model_aliases: {a: gpt-4o}}]\n", []),
        ("model_metrics_sources: [{type: cost, provider: models.dev, model_aliases: {a: b/c}}]\n", [("PL-C050", 5)]),
    ],
)
def test_names(codes: Codes, one_model: str, more: str, expected: list[tuple[str, int]]) -> None:
    """Names are unique and every mention means a declared model, or the finding stands at this line."""
    assert codes(one_model + more) == expected


def test_no_guess_beside_an_unset_name(codes: Codes, one_model: str) -> None:
    """While a model's name is in an unset variable, nothing is called undeclared."""
    text = f"{one_model}  - model: openai/$NOPE\n{KEY}model_aliases: {{a: {{target: openai/b}}}}\n"
    assert codes(text) == [("PL-C020", 5)]


def test_values_of_variables_are_not_suggested(findings: Callable[[str], tuple[object, ...]]) -> None:
    """A declared name from a variable is suggested as written in the file."""
    text = (
        f"version: v0.4.0\nmodel_providers:\n  - model: openai/$PLANTED\n{KEY}"
        "model_aliases: {a: {target: openai/planted}}\n"
    )
    (finding,) = findings(text)
    assert "did you mean 'openai/$PLANTED'?" in str(finding)
    assert "planted-value" not in str(finding)
