"""Where each provider listens. Numbers are those of the acceptance cases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.stand import OFF, stand
from tests.running import mission_text

HI: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
PATHS = [
    ("groq/x", "/openai/v1/chat/completions"),
    ("gemini/x", "/v1beta/openai/chat/completions"),
    ("zhipu/x", "/api/paas/v4/chat/completions"),
    ("qwen/x", "/compatible-mode/v1/chat/completions"),
    ("azure_openai/dep", "/openai/deployments/dep/chat/completions?api-version=2025-01-01-preview"),
    ("perplexity/x", "/chat/completions"),
]


@pytest.mark.parametrize(("model", "path"), PATHS)
def test_274_paths(model: str, path: str) -> None:
    """274, 277. Where each provider listens, for a chat and for a Messages caller."""
    text = mission_text().replace(
        "routing_preferences:\n", f"  - model: {model}\n    access_key: kk\nrouting_preferences:\n"
    )
    with stand(text=text) as f:
        for caller in ("/v1/chat/completions", "/v1/messages"):
            assert f.post(caller, {"model": model, "max_tokens": 9, "messages": HI}, OFF).status_code == 200
            assert f.uo.calls[-1].path == path
        if model.startswith("azure"):
            assert f.uo.calls[-1].fields["api-key"] == "kk"


@pytest.mark.parametrize(
    ("model", "path"),
    [("xai/x", "/v1/responses"), ("vercel/x", "/v1/responses"), ("chatgpt/x", "/backend-api/codex/responses")],
)
def test_275_responses_paths(model: str, path: str) -> None:
    """275. Providers that speak Responses."""
    text = mission_text().replace(
        "routing_preferences:\n", f"  - model: {model}\n    access_key: kk\nrouting_preferences:\n"
    )
    with stand(text=text) as f:
        assert f.post("/v1/responses", {"model": model, "input": "hi"}, OFF).status_code == 200
        assert f.uo.calls[-1].path == path


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("/api/coding/paas/v4", "/api/coding/paas/v4/chat/completions"),
        ("/v1", "/v1/chat/completions"),
        ("", "/v1/chat/completions"),
        ("/", "/v1/chat/completions"),
    ],
)
def test_276_base_paths(base: str, path: str) -> None:
    """276, 278. A path in the address is kept; the host and fields that the file names are sent."""
    text = "version: v0.4.0\nmodel_providers:\n  - model: openai/x\nrouting_preferences: []\n"
    with stand(text=text) as probe:
        more = f"{{model: zhipu/y, base_url: '{probe.uo.url}{base}', http_host: x.example, headers: {{X-Extra: v}}}}"
        own = text.replace("  - model: openai/x\n", f"  - model: openai/x\n  - {more}\n")
        if base != "/api/coding/paas/v4":
            own = own.replace("zhipu/y", "openai/y")
        with stand(text=own) as f:
            name = "zhipu/y" if "zhipu" in own else "openai/y"
            assert f.x(OFF, model=name).status_code == 200
            seen = probe.uo.calls[-1]
            assert (seen.path, seen.fields["host"], seen.fields["x-extra"]) == (path, "x.example", "v")
