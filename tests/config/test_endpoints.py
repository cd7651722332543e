"""From providers to endpoints: host, path, key, headers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plano.config.settings import Settings
from plano.domain.model import Model, Origin
from plano.providers import PROVIDERS, SUFFIXES

Settled = Callable[[str], Settings]
KEYLESS = "version: v0.4.0\nmodel_providers:\n"


def only(settings: Settings) -> Model:
    (model,) = settings.models.models.values()
    return model


@pytest.mark.parametrize(
    ("model", "base_url", "origin", "path"),
    [
        ("openai/x", None, "https://api.openai.com:443", "/v1/chat/completions"),
        ("anthropic/x", None, "https://api.anthropic.com:443", "/v1/messages"),
        ("groq/x", None, "https://api.groq.com:443", "/openai/v1/chat/completions"),
        ("gemini/x", None, "https://generativelanguage.googleapis.com:443", "/v1beta/openai/chat/completions"),
        ("zhipu/x", None, "https://open.bigmodel.cn:443", "/api/paas/v4/chat/completions"),
        ("perplexity/x", None, "https://api.perplexity.ai:443", "/chat/completions"),
        ("edenai/x", None, "https://api.edenai.run:443", "/v3/llm/chat/completions"),
        ("do_ai/x", None, "https://inference.do-ai.run:443", "/v1/chat/completions"),
        (
            "qwen/x",
            "https://dashscope.example",
            "https://dashscope.example:443",
            "/compatible-mode/v1/chat/completions",
        ),
        ("amazon_bedrock/x", "https://b.example", "https://b.example:443", "/openai/v1/chat/completions"),
        ("ollama/x", "http://127.0.0.1:11434", "http://127.0.0.1:11434", "/v1/chat/completions"),
        ("openai/x", "http://h:1", "http://h:1", "/v1/chat/completions"),
        ("openai/x", "http://h:1/", "http://h:1", "/v1/chat/completions"),
        ("openai/x", "http://h:1/v1", "http://h:1", "/v1/chat/completions"),
        ("openai/x", "http://h:1/v1/", "http://h:1", "/v1/chat/completions"),
        ("zhipu/x", "http://h:1/api/coding/paas/v4", "http://h:1", "/api/coding/paas/v4/chat/completions"),
        ("perplexity/x", "http://h:1", "http://h:1", "/chat/completions"),
        ("acme/x", "http://h:1", "http://h:1", "/v1/chat/completions"),
        ("acme/x", "http://h:1/llm", "http://h:1", "/llm/chat/completions"),
        ("acme/x", "http://[::1]:1", "http://[::1]:1", "/v1/chat/completions"),
        (
            "azure_openai/dep",
            "https://r.openai.azure.com",
            "https://r.openai.azure.com:443",
            "/openai/deployments/dep/chat/completions?api-version=2025-01-01-preview",
        ),
        (
            "azure_openai/dep",
            "https://r.openai.azure.com?api-version=2026-01-01",
            "https://r.openai.azure.com:443",
            "/openai/deployments/dep/chat/completions?api-version=2026-01-01",
        ),
        (
            "azure_openai/a?b/c",
            "https://r.openai.azure.com",
            "https://r.openai.azure.com:443",
            "/openai/deployments/a%3Fb%2Fc/chat/completions?api-version=2025-01-01-preview",
        ),
    ],
)
def test_where(settled: Settled, model: str, base_url: str | None, origin: str, path: str) -> None:
    """A path of ``base_url`` replaces the provider's prefix, an empty one or ``/`` keeps it."""
    address = "" if base_url is None else f"    base_url: {base_url}\n"
    endpoint = only(settled(f"{KEYLESS}  - model: {model}\n    access_key: $OPENAI_API_KEY\n{address}")).endpoint
    assert (str(endpoint.origin), endpoint.path) == (origin, path)


def test_an_interface_lends_its_path(settled: Settled) -> None:
    """An unknown provider with an interface is addressed like that provider."""
    text = f"{KEYLESS}  - model: acme/x\n    base_url: http://h:1\n    provider_interface: groq\n"
    assert only(settled(text)).endpoint.path == "/openai/v1/chat/completions"


def test_the_provider_ends_at_the_first_slash(settled: Settled) -> None:
    """What follows is the model id, slashes and all."""
    model = only(settled(f"{KEYLESS}  - model: openrouter/anthropic/claude-3.5\n    access_key: $OPENAI_API_KEY\n"))
    assert (model.provider, model.upstream_id) == ("openrouter", "anthropic/claude-3.5")


def test_wildcards_fill_their_path_when_a_model_is_named(settled: Settled) -> None:
    """A wildcard whose path holds the model gets it from the name that is asked for."""
    text = f"{KEYLESS}  - model: azure_openai/*\n    base_url: https://r.example\n    access_key: $OPENAI_API_KEY\n"
    model = settled(text).models.resolve("azure_openai/dep")
    assert model.endpoint.path.startswith("/openai/deployments/dep/chat/completions")
    assert model.upstream_id == "dep"


@pytest.mark.parametrize(
    ("name", "auth"),
    [("openai", "bearer"), ("azure_openai", "api-key"), ("anthropic", "x-api-key")],
)
def test_auth_by_provider(settled: Settled, name: str, auth: str) -> None:
    """The style of the key is the provider's."""
    text = f"{KEYLESS}  - model: {name}/x\n    base_url: http://h:1\n    access_key: $OPENAI_API_KEY\n"
    assert only(settled(text)).endpoint.auth == auth


def test_keys(settled: Settled) -> None:
    """The key is the settled text; a provider that needs none has none; with ``passthrough_auth`` it is not used."""
    key = only(settled(f"{KEYLESS}  - model: openai/x\n    access_key: $OPENAI_API_KEY\n")).endpoint.key
    assert key is not None and key.reveal() == "sk-test-o"
    assert only(settled(f"{KEYLESS}  - model: ollama/x\n    base_url: http://h:1\n")).endpoint.key is None
    text = f"{KEYLESS}  - model: openai/x\n    access_key: $OPENAI_API_KEY\n    passthrough_auth: true\n"
    endpoint = only(settled(text)).endpoint
    assert (endpoint.key, endpoint.passthrough_auth) == (None, True)


def test_a_default_stands_for_an_unset_key(settled: Settled) -> None:
    """``${NAME:-default}`` of an unset variable is the default."""
    key = only(settled(f"{KEYLESS}  - model: openai/x\n    access_key: ${{NOPE:-sk-none}}\n")).endpoint.key
    assert key is not None and key.reveal() == "sk-none"


def test_host_and_headers(settled: Settled) -> None:
    """The Host header is the address unless ``http_host`` says otherwise; static headers are kept in order."""
    text = f"{KEYLESS}  - model: acme/x\n    base_url: http://h:1\n"
    assert only(settled(text)).endpoint.host_header == "h:1"
    more = f"{text}    http_host: x.example\n    headers:\n      X-Extra: v\n      A-B: 'true'\n"
    endpoint = only(settled(more)).endpoint
    assert (endpoint.host_header, endpoint.headers) == ("x.example", (("X-Extra", "v"), ("A-B", "true")))
    assert "X-Extra" not in repr(endpoint)


def test_connect_timeout(settled: Settled, one_model: str) -> None:
    """The override of the connect timeout reaches every endpoint; without it five seconds."""
    assert only(settled(one_model)).endpoint.connect_timeout_s == 5.0
    settings = settled(f"{one_model}overrides:\n  upstream_connect_timeout: 1500ms\n")
    assert only(settings).endpoint.connect_timeout_s == 1.5


def test_two_ports_of_one_host(settled: Settled) -> None:
    """Each provider has its own port, also on one host."""
    text = f"{KEYLESS}  - model: acme/a\n    base_url: http://h:1\n  - model: acme/b\n    base_url: http://h:2\n"
    assert [model.endpoint.origin.port for model in settled(text).models.models.values()] == [1, 2]


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_every_row_makes_an_endpoint(settled: Settled, name: str) -> None:
    """Every built-in provider can be declared, and its paths end as those of its dialects."""
    address = "    base_url: http://h:1\n" if PROVIDERS[name].base_url is None else ""
    endpoint = only(settled(f"{KEYLESS}  - model: {name}/x\n    access_key: $OPENAI_API_KEY\n{address}")).endpoint
    assert isinstance(endpoint.origin, Origin)
    assert [dialect for dialect, _ in endpoint.targets] == list(PROVIDERS[name].dialects)
    for dialect, target in endpoint.targets:
        assert target.partition("?")[0].endswith(SUFFIXES[dialect])
        assert "{model}" not in target
