"""Sources, sessions, storage, keys without effect."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Codes = Callable[[str], list[tuple[str, int | None]]]
COST = "{type: cost, provider: models.dev}"
LATENCY = "{type: latency, provider: prometheus, url: http://h, query: q}"
TIER = "{above_tokens: 9, input: 1, output: 2}"
PRICED = "pricing: {gpt-4o: {input: 1, output: 2}}\n"
ROUTE = "routing_preferences:\n  - {name: a, description: b, models: [gpt-4o], selection_policy: %s}\n"


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (f"model_metrics_sources: [{COST}, {LATENCY}]\n", []),
        (f"model_metrics_sources:\n  - {COST}\n  - {COST}\n", []),
        ("pricing: {gpt-4o: {input: 1, output: 2}}\n", []),
        ("pricing: {gpt-4o: {input: 1}}\n", [("PL-C012", 5)]),
        ("pricing: {gpt-4o: {input: -1, output: 2}}\n", [("PL-C014", 5)]),
        ("pricing: {nobody: {input: 1, output: 2}}\n", [("PL-C050", 5)]),
        ("pricing:\n  gpt-4o: {input: 1, output: 2}\n  openai/gpt-4o: {input: 1, output: 3}\n", [("PL-C072", 7)]),
        (f"pricing: {{gpt-4o: {{input: 1, output: 2, tiers: [{TIER}, {TIER}]}}}}\n", [("PL-C014", 5)]),
        (f"model_metrics_sources:\n  - {LATENCY}\n  - {LATENCY}\n", [("PL-C070", 7)]),
        ("model_metrics_sources: [{type: latency, provider: prometheus, url: http://h}]\n", [("PL-C012", 5)]),
        (ROUTE % "{prefer: cheapest}", [("PL-C071", 6)]),
        (ROUTE % "{prefer: balanced}", [("PL-C071", 6)]),
        (ROUTE % "{prefer: fastest}", []),
        (ROUTE % "{prefer: none}", []),
        (f"{ROUTE % '{prefer: cheapest}'}model_metrics_sources: [{COST}]\n", []),
        (ROUTE % "{prefer: cheapest}" + PRICED, []),
        (f"{ROUTE % '{prefer: balanced, weights: {cost: 0, latency: 0}}'}{PRICED}", [("PL-C014", 6)]),
        (f"{ROUTE % '{prefer: balanced, weights: {cost: 0.0, latency: -0}}'}{PRICED}", [("PL-C014", 6)]),
        (f"{ROUTE % '{prefer: balanced, weights: {cost: 0}}'}{PRICED}", []),
        (ROUTE % "{prefer: fastest, weights: {cost: 1}}", [("PL-C035", 6)]),
        (ROUTE % "{weights: {cost: 1}}", [("PL-C035", 6)]),
        ("failover: {first_token: {least: 20s, most: 5s}}\n", [("PL-C014", 5)]),
        ("failover: {first_token: {least: 5s, most: 5s}}\n", []),
        ("failover: {first_token: {most: 5s}}\n", []),
        ("failover: {first_token: {least: 20, most: 5s}}\n", [("PL-C017", 5)]),
        ("routing: {routing_budget: {max_switch_spend_pct: 10}}\n", [("PL-C071", 5)]),
        (f"routing: {{routing_budget: {{max_switch_spend_pct: 10}}}}\n{PRICED}", []),
        ("routing: {session_cache: {type: redis}}\n", [("PL-C012", 5)]),
        ("routing: {session_cache: {type: redis, url: redis://h}}\n", []),
        ("routing: {session_cache: {type: redis, url: http://h}}\n", [("PL-C043", 5)]),
        ("routing: {session_cache: {type: memory}}\n", []),
        ("state_storage: {type: memory}\n", []),
        ("state_storage: {type: sqlite}\n", [("PL-C012", 5)]),
        ("state_storage: {type: sqlite, connection_string: a.db}\n", []),
        ("state_storage: {type: postgres, connection_string: $PLANTED}\n", [("PL-C016", 5)]),
        ("tracing: {opentracing_grpc_endpoint: 'http://h:4317'}\n", []),
        ("tracing: {opentracing_grpc_endpoint: 'http://h:4317/'}\n", []),
        ("tracing: {opentracing_grpc_endpoint: 'http://h:4317/x'}\n", [("PL-C043", 5)]),
        ("tracing: {opentracing_grpc_endpoint: 'h:4317'}\n", [("PL-C043", 5)]),
        ("tracing: {opentracing_grpc_endpoint: 'http://169.254.1.1'}\n", [("PL-C044", 5)]),
        ("routing: {model: a, llm_provider: b}\n", [("PL-C035", 5), ("PL-C035", 5)]),
        ("endpoints: {a: {endpoint: h}}\n", [("PL-C035", 5)]),
        ("routing:\n", []),
    ],
)
def test_parts(codes: Codes, one_model: str, section: str, expected: list[tuple[str, int]]) -> None:
    """Each section is accepted, warned of or refused at this line."""
    assert codes(one_model + section) == expected
