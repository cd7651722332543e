"""The router of a configuration: complete, and nothing in it is idle."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plano.config.settings import Router, Settings

Codes = Callable[[str], list[tuple[str, int | None]]]
MODEL = "overrides: {llm_routing_model: gpt-4o}\n"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("routing: {router: {type: embedded}}\n", []),
        ("routing: {router: {type: http}}\n", [("PL-C012", 5)]),
        ("routing: {router: {type: cascade}}\n", [("PL-C012", 5)]),
        ("routing: {router: {type: llm}}\n", [("PL-C015", 5)]),
        ("routing: {router: {type: http, model: gpt-4o}}\n", []),
        ("routing: {router: {type: cascade, model: gpt-4o}}\n", []),
        ("routing: {router: {type: cascade}}\n" + MODEL, []),
        ("routing: {router: {model: openai/gpt-4}}\n", [("PL-C050", 5)]),
        ("routing: {router: {type: embedded, model: gpt-4o}}\n", [("PL-C035", 5)]),
        ("routing: {router: {type: embedded}}\n" + MODEL, [("PL-C035", 6)]),
        ("routing: {router: {model: gpt-4o}}\n" + MODEL, []),
        ("routing: {router: {model: openai/gpt-4o}}\n" + MODEL, [("PL-C035", 6)]),
        ("overrides: {llm_routing_model: gpt-4o, agent_orchestration_model: openai/gpt-4o}\n", []),
        ("routing: {router: {threshold: 0.5}}\n", []),
        ("routing: {router: {type: http, model: gpt-4o, threshold: 0.5}}\n", [("PL-C035", 5)]),
        ("routing: {router: {deadline: 1s}}\n", [("PL-C035", 5)]),
        ("routing: {router: {deadline: 2m, model: gpt-4o}}\n", [("PL-C014", 5)]),
        ("routing: {router: {type: http, model: gpt-4o, max_escalation_percent: 5}}\n", [("PL-C035", 5)]),
        ("routing: {router: {type: cascade, model: gpt-4o, max_escalation_percent: 101}}\n", [("PL-C014", 5)]),
        ("routing: {router: {type: cascade, model: gpt-4o, unsure_from: 0.9}}\n", [("PL-C014", 5)]),
        ("routing: {router: {type: cascade, model: gpt-4o, unsure_from: 0.5, unsure_to: 0.5}}\n", [("PL-C014", 5)]),
        ("routing: {router: {type: cascade, model: gpt-4o, unsure_from: x}}\n", [("PL-C013", 5)]),
        ("routing: {router: {model: gpt-4o, prompt: 'a {routes} b {conversation}'}}\n", []),
        ("routing: {router: {model: gpt-4o, prompt: 'a {routes} b'}}\n", [("PL-C014", 5)]),
        ("routing: {router: {model: gpt-4o, dialect: openai}}\n", [("PL-C015", 5)]),
    ],
)
def test_router(codes: Codes, one_model: str, more: str, expected: list[tuple[str, int]]) -> None:
    """What is missing, contradictory or idle is named with its place."""
    assert codes(one_model + more) == expected


@pytest.mark.parametrize(
    ("more", "router"),
    [
        ("", Router()),
        (MODEL, Router("http", "openai/gpt-4o")),
        ("overrides: {agent_orchestration_model: gpt-4o}\n", Router("http", "openai/gpt-4o")),
        ("routing: {router: {type: embedded}}\n" + MODEL, Router()),
        (
            "routing: {router: {type: cascade, model: gpt-4o, dialect: arch-router, deadline: 500ms, unsure_from: 0.2, "
            "unsure_to: 0.7, max_escalation_percent: 5}}\noverrides: {orchestrator_model_context_length: 235}\n",
            Router(
                *("cascade", "openai/gpt-4o", "arch-router"),
                deadline_s=0.5,
                context_tokens=235,
                unsure=(0.2, 0.7),
                max_share=0.05,
            ),
        ),
        ("routing: {router: {threshold: 0.5}}\n", Router(threshold=0.5)),
        (
            "routing: {router: {model: gpt-4o, prompt: '{routes} {conversation}'}}\n",
            Router("http", "openai/gpt-4o", prompt="{routes} {conversation}"),
        ),
    ],
)
def test_settled(settled: Callable[[str], Settings], one_model: str, more: str, router: Router) -> None:
    """A named model makes an HTTP router, unless the type says otherwise."""
    assert settled(one_model + more).routing.router == router
