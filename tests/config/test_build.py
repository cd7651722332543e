"""From a file to settings: names resolved, old forms lifted, every section carried over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plano.config.load import load_text
from plano.config.proxies import Proxies
from plano.config.settings import (
    Admin,
    Bounds,
    Budget,
    CostSource,
    LatencySource,
    Listener,
    Overrides,
    PromptCaching,
    RateLimit,
    Router,
    Settings,
    StateStorage,
)
from plano.domain.failover import Failover, FirstToken, Hedging
from plano.domain.route import SelectionPolicy
from plano.errors import ModelNotFound

Settled = Callable[[str], Settings]
THREE = """\
version: v0.4.0
model_providers:
  - model: openai/gpt-4o
    access_key: $OPENAI_API_KEY
  - model: groq/*
    access_key: $OPENAI_API_KEY
  - model: openai/gpt-4o
    name: eu-gpt
    base_url: http://127.0.0.1:1
model_aliases:
  fast: {target: openai/gpt-4o}
  wild: {target: groq/llama}
"""


def route(settings: Settings, models: str) -> tuple[str, ...]:
    return settings.routes.routes[0].models


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("openai/gpt-4o", ("openai/gpt-4o",)),
        ("fast", ("openai/gpt-4o",)),
        ("eu-gpt", ("eu-gpt",)),
        ("groq/llama", ("groq/llama",)),
        ("wild", ("groq/llama",)),
        ("eu-gpt, openai/gpt-4o", ("eu-gpt", "openai/gpt-4o")),
        ("openai/gpt-4o, eu-gpt, fast", ("openai/gpt-4o", "eu-gpt")),
    ],
)
def test_route_models_are_resolved(settled: Settled, written: str, resolved: tuple[str, ...]) -> None:
    """A route names declared models: through aliases and wildcards, each once, in the author's order."""
    settings = settled(f"{THREE}routing_preferences:\n  - name: a\n    description: b\n    models: [{written}]\n")
    assert route(settings, written) == resolved


def test_a_unique_bare_id(settled: Settled, one_model: str) -> None:
    """A bare id that one provider has stands for its model."""
    settings = settled(f"{one_model}routing_preferences:\n  - name: a\n    description: b\n    models: [gpt-4o]\n")
    assert settings.routes.routes[0].models == ("openai/gpt-4o",)


def test_names_at_two_providers(settled: Settled, one_model: str) -> None:
    """The same model may be declared at two providers; a bare id then names both and stands for none."""
    settings = settled(
        f"{one_model}  - model: azure_openai/gpt-4o\n    base_url: https://r.example\n    access_key: $OPENAI_API_KEY\n"
    )
    assert list(settings.models.models) == ["openai/gpt-4o", "azure_openai/gpt-4o"]
    with pytest.raises(ModelNotFound, match=r"openai/gpt-4o and azure_openai/gpt-4o"):
        settings.models.resolve("gpt-4o")


def test_aliases_and_default(settled: Settled) -> None:
    """An alias stands for one model; ``auto`` for the default, if there is one."""
    settings = settled(THREE)
    assert settings.models.resolve("fast").name == "openai/gpt-4o"
    assert settings.models.default is None
    assert settled(THREE.replace("name: eu-gpt", "name: eu-gpt\n    default: true")).models.default == "eu-gpt"


def test_an_alias_with_the_name_of_a_model_wins(settled: Settled) -> None:
    """The alias is followed, with a warning."""
    settings = settled(THREE.replace("  fast:", "  eu-gpt:"))
    assert settings.models.resolve("eu-gpt").name == "openai/gpt-4o"
    assert [finding.code for finding in settings.warnings] == ["PL-C054"]


def test_policy(settled: Settled, one_model: str) -> None:
    """A selection policy is carried over; absent, null, empty and ``none`` all mean the author's order."""
    head = f"{one_model}routing_preferences:\n  - name: a\n    description: b\n    models: [gpt-4o]\n"
    policy = "{prefer: balanced, weights: {cost: 1, latency: 3}, max_usd_per_mtok: 12.5, max_ttft_s: 1.5}"
    assert settled(f"{head}    selection_policy: {policy}\n").routes.routes[0].policy == SelectionPolicy(
        "balanced", 1.0, 3.0, 12.5, 1.5
    )
    for written in (
        "",
        "    selection_policy:\n",
        "    selection_policy: {}\n",
        "    selection_policy: {prefer: null}\n",
        "    selection_policy: {prefer: ''}\n",
        "    selection_policy: {prefer: none}\n",
    ):
        assert settled(head + written).routes.routes[0].policy == SelectionPolicy()


def test_examples_of_a_route(settled: Settled, one_model: str) -> None:
    """Examples are carried over in their order."""
    text = f"{one_model}routing_preferences:\n  - {{name: a, description: b, models: [gpt-4o], examples: [x, y]}}\n"
    assert settled(text).routes.routes[0].examples == ("x", "y")


def test_an_escaped_dollar_in_a_description(settled: Settled, one_model: str) -> None:
    """``$$HOME`` is ``$HOME``; ``costs $5`` is itself."""
    text = f"{one_model}routing_preferences:\n  - name: a\n    description: $$HOME costs $5\n    models: [gpt-4o]\n"
    assert settled(text).routes.routes[0].description == "$HOME costs $5"


LEGACY = """\
version: v0.3.0
llm_providers:
  - model: openai/gpt-4o
    access_key: $OPENAI_API_KEY
    routing_preferences:
      - {name: code, description: first}
      - {name: chat, description: talking}
  - model: groq/llama
    access_key: $OPENAI_API_KEY
    routing_preferences:
      - {name: code, description: second}
"""


def test_preferences_inside_providers_are_lifted(settled: Settled) -> None:
    """Below v0.4.0 they become routes, merged by name: the first description counts, and everything is said."""
    settings = settled(LEGACY)
    assert [(each.name, each.description, each.models) for each in settings.routes.routes] == [
        ("code", "first", ("openai/gpt-4o", "groq/llama")),
        ("chat", "talking", ("openai/gpt-4o",)),
    ]
    assert settings.version == "v0.3.0"
    assert [(finding.code, finding.line) for finding in settings.warnings] == [
        ("PL-C033", 2),
        ("PL-C033", 5),
        ("PL-C033", 10),
        ("PL-C033", 11),
    ]


@pytest.mark.parametrize(
    ("section", "listeners"),
    [
        ("", (Listener("listener-1"),)),
        ("listeners:\n", (Listener("listener-1"),)),
        ("listeners: []\n", (Listener("listener-1"),)),
        ("listeners: [{}]\n", (Listener("listener-1"),)),
        (
            "listeners:\n  - {type: model, name: a, address: '::1', port: 1, timeout: 30s, max_retries: 2}\n"
            "  - port: 2\n",
            (Listener("a", "::1", 1, 30.0, 2), Listener("listener-2", port=2)),
        ),
        (
            "listeners: {egress_traffic: {port: 12000, message_format: openai, timeout: 30s}}\n",
            (Listener("egress_traffic", timeout_s=30.0),),
        ),
        ("listeners: {ingress_traffic: {port: 10000}}\n", (Listener("egress_traffic"),)),
        ("listeners:\n  - port: ${PORT:-12005}\n", (Listener("listener-1", port=12_005),)),
        ("listeners:\n  - {address: 0.0.0.0, open: true}\n", (Listener("listener-1", "0.0.0.0", open=True),)),
    ],
)
def test_listeners(settled: Settled, one_model: str, section: str, listeners: tuple[Listener, ...]) -> None:
    """Listeners of both forms, with their defaults."""
    assert settled(one_model + section).listeners == listeners


EVERYTHING = Path(__file__).parent / "everything.yaml"


def test_every_key_is_carried_over(settled: Settled) -> None:
    """A file that uses every key loads, and every section arrives."""
    settings = settled(EVERYTHING.read_text(encoding="utf-8"))
    assert settings.overrides == Overrides(
        *(2.0, "ca.pem", True, Proxies({}, ()), "/var/lib/plano"),
    )
    assert settings.bounds == Bounds(20_000, 500, 15_000, 0, 16_000)
    assert settings.routing.session_ttl_s == 300
    assert settings.routing.session_max_entries == 100
    assert settings.routing.tenant_header == "x-tenant"
    assert settings.routing.store_url is not None
    assert settings.routing.store_url.reveal() == "redis://:caller-key-0123456789@127.0.0.1:6379"
    assert settings.routing.budget == Budget(
        25.0, replenish_on_rebind=False, cache_read_discount=0.2, record_counterfactual=True
    )
    assert settings.routing.route_on_user_only
    assert settings.routing.exploration == 0.05
    assert settings.routing.router == Router(
        *("cascade", "plano/router", "arch-router", "{routes} {conversation}", 1.0, 4096, (0.2, 0.7), 0.1, 0.5)
    )
    assert settings.prompt_caching == PromptCaching(True, False, 60)
    assert {model.cache_from_tokens for model in settings.models.models.values()} == {None}
    assert settings.numbers.cost_sources == (
        CostSource(
            "models.dev", "models.dev", "https://models.dev/api.json", 60, 172_800.0, (("x/y", "openai/gpt-4o"),)
        ),
    )
    assert settings.numbers.latency_source == LatencySource("http://127.0.0.1:9090", "avg(ttft)", 30, 300.0)
    assert settings.numbers.uses_catalog
    assert list(settings.numbers.prices) == ["openai/gpt-4o"]
    assert settings.rate_limits == (RateLimit("gpt-4o", "x-user", "alice", 10, "minute"),)
    assert settings.admin == Admin("127.0.0.1", 12_009, settings.admin.token, is_address_given=True)
    assert settings.admin.token is not None and settings.admin.token.reveal() == "caller-key-0123456789"
    assert [(caller.name, caller.key.reveal()) for caller in settings.callers] == [("team", "caller-key-0123456789")]
    assert settings.tracing.sampling_pct == 50.0
    assert settings.tracing.receiver == "http://127.0.0.1:4317"
    assert settings.tracing.header_prefixes == ("x-acme-",)
    assert settings.tracing.attributes == (("env", "prod"),)
    assert [exporter.url for exporter in settings.tracing.exporters] == ["https://eu.i.posthog.com"]
    assert settings.state_storage == StateStorage("sqlite", "state.sqlite")
    declared = (*settings.models.models.values(), *settings.models.wildcards.values())
    assert {model.name for model in declared if model.is_metered} == {"openai/gpt-4o", "groq/*"}
    assert settings.open_listeners == ()


def test_keys_without_effect_are_named(settled: Settled) -> None:
    """Of that file, exactly the keys that mean nothing are warned of."""
    warnings = settled(EVERYTHING.read_text(encoding="utf-8")).warnings
    assert {finding.code for finding in warnings} == {"PL-C035"}
    assert [finding.reason.split("'")[1] for finding in warnings] == [
        "routing.llm_provider",
        "routing.model",
        "overrides.disable_signals",
        "tracing.trace_arch_internal",
        "endpoints",
    ]


def test_prompt_caching_lives_as_long_as_sessions(settled: Settled, one_model: str) -> None:
    """Without a life of their own, implicit sessions live as long as explicit ones."""
    assert settled(f"{one_model}routing: {{session_ttl_seconds: 33}}\n").prompt_caching.session_ttl_s == 33


def test_open_listeners(settled: Settled, one_model: str) -> None:
    """A listener is open when it says so, can be reached from outside, and there are no callers."""
    section = "listeners:\n  - {address: 0.0.0.0, open: true}\n  - {port: 1, open: true}\n"
    assert [each.address for each in settled(one_model + section).open_listeners] == ["0.0.0.0"]
    assert settled(f"{one_model}{section}callers: {{keys: {{a: $CALLER_KEY}}}}\n").open_listeners == ()


def test_settings_are_frozen(settled: Settled, one_model: str) -> None:
    """Nothing of the settings can be changed."""
    settings = settled(one_model)
    with pytest.raises(TypeError):
        settings.models.models["x"] = settings.models.models["openai/gpt-4o"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        settings.version = "v2"  # type: ignore[misc]


def test_failover() -> None:
    """Its own section, and of a route what stands there; nothing of it is on unless asked for."""
    text = """
version: v0.4.0
model_providers: [{model: openai/gpt-4o, access_key: $KEY}]
routing_preferences:
  - {name: batch, description: long jobs, models: [openai/gpt-4o], buffer_streams: true}
  - {name: chat, description: talk, models: [openai/gpt-4o]}
failover: {first_token: {least: 5s, most: 20s}, hedging: {most_percent: 2, max_usd: 0.01}}
"""
    settings = load_text(text, {"KEY": "k" * 20})
    assert settings.failover == Failover(first_token=FirstToken(5.0, 20.0), hedging=Hedging(0.02, 0.01))
    assert [route.buffers_streams for route in settings.routes.routes] == [True, None]
    bare = load_text("version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: $KEY}]\n", {"KEY": "k"})
    assert bare.failover == Failover()
