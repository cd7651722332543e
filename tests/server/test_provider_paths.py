"""Every provider is reached at its own path, whatever the caller speaks: through a running gateway."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plano.domain.model import Dialect
from tests.running import running
from tests.server.golden import Golden, golden
from tests.wire.dialects.samples import CHAT, MESSAGES, RESPONSES, answer_of

ENDPOINTS = {CHAT: "/v1/chat/completions", MESSAGES: "/v1/messages", RESPONSES: "/v1/responses"}
OPENAI_PATHS = {
    "groq/x": "/openai/v1/chat/completions",
    "gemini/x": "/v1beta/openai/chat/completions",
    "google/x": "/v1beta/openai/chat/completions",
    "zhipu/x": "/api/paas/v4/chat/completions",
    "qwen/x": "/compatible-mode/v1/chat/completions",
    "azure_openai/dep": "/openai/deployments/dep/chat/completions?api-version=2025-01-01-preview",
    "amazon_bedrock/x": "/openai/v1/chat/completions",
    "perplexity/x": "/chat/completions",
    "openrouter/x": "/api/v1/chat/completions",
    "ollama/x": "/v1/chat/completions",
}
RESPONSES_PATHS = {
    "openai/x": "/v1/responses",
    "xai/x": "/v1/responses",
    "vercel/x": "/v1/responses",
    "chatgpt/x": "/backend-api/codex/responses",
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Golden]:
    """A provider that takes any path."""
    with golden() as one:
        yield one


def asked(
    provider: Golden, model: str, caller: Dialect, *, base: str = "", more: str = ""
) -> tuple[str, dict[str, str]]:
    """Path and fields of the request that a model's provider got."""
    provider.received.clear()
    text = (
        "version: v0.4.0\nmodel_providers:\n"
        f"  - model: {model}\n    base_url: 'http://127.0.0.1:{provider.port}{base}'\n    access_key: key-of-it\n{more}"
    )
    body = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    if caller is RESPONSES:
        body = {"model": model, "input": "hi"}
    provider.instead = 200, answer_of(RESPONSES if model in RESPONSES_PATHS and caller is RESPONSES else CHAT)
    with running(text, at_mock=False) as gateway:
        answer = gateway.post(ENDPOINTS[caller], body)
    assert answer.status_code == 200, answer.text
    ((path, fields, _),) = provider.received
    return path, fields


@pytest.mark.parametrize("caller", [CHAT, MESSAGES])
@pytest.mark.parametrize(("model", "path"), OPENAI_PATHS.items())
def test_chat_paths(provider: Golden, model: str, path: str, caller: Dialect) -> None:
    """Where only the host is configured the provider's own prefix stays, for callers of either dialect."""
    assert asked(provider, model, caller)[0] == path


@pytest.mark.parametrize(("model", "path"), RESPONSES_PATHS.items())
def test_responses_paths(provider: Golden, model: str, path: str) -> None:
    """Callers of the Responses API reach it where it is spoken."""
    assert asked(provider, model, RESPONSES)[0] == path


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("/api/coding/paas/v4", "/api/coding/paas/v4/chat/completions"),
        ("/v1", "/v1/chat/completions"),
        ("", "/v1/chat/completions"),
        ("/", "/v1/chat/completions"),
    ],
)
def test_configured_paths(provider: Golden, base: str, path: str) -> None:
    """A path of ``base_url`` replaces the provider's prefix; none, or ``/``, keeps it."""
    assert asked(provider, "openai/x", CHAT, base=base)[0] == path


def test_the_key_of_azure(provider: Golden) -> None:
    """Azure wants ``api-key``, and gets no ``authorization``."""
    _, fields = asked(provider, "azure_openai/dep", CHAT)
    assert fields["api-key"] == "key-of-it"
    assert "authorization" not in fields


@pytest.mark.parametrize("more", ["", "    http_host: api.kimi.com\n"])
def test_kimi_for_coding(provider: Golden, more: str) -> None:
    """The plan for coding has a path with a version of its own, and takes only its own client's name."""
    path, fields = asked(provider, "moonshotai/kimi-for-coding", CHAT, base="/coding", more=more)
    assert path == "/coding/v1/chat/completions"
    assert fields["user-agent"] == "KimiCLI/1.3"


def test_other_models_of_moonshot(provider: Golden) -> None:
    """Every other model and path is left alone; a configured field wins."""
    path, fields = asked(provider, "moonshotai/kimi-k2", CHAT, base="/other")
    assert (path, fields["user-agent"].startswith("KimiCLI")) == ("/other/chat/completions", False)
    more = "    headers: {User-Agent: mine}\n"
    assert asked(provider, "moonshotai/kimi-for-coding", CHAT, base="/coding", more=more)[1]["user-agent"] == "mine"


def test_host_and_fields_of_the_file(provider: Golden) -> None:
    """``http_host`` and ``headers`` reach the provider as they stand."""
    _, fields = asked(provider, "openai/x", CHAT, more="    http_host: x.example\n    headers: {X-Extra: v}\n")
    assert (fields["host"], fields["x-extra"]) == ("x.example", "v")
