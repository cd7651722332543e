"""Providers as data: one row each. A new provider is a row here and a fixture in the tests; nothing else knows names.

The Anthropic row uses the vendor's OpenAI-compatible path until its own dialect is spoken.
"""

from __future__ import annotations

from dataclasses import dataclass

from plano.domain.model import AuthStyle


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider.

    ``base_url``: scheme and host, None when the configuration must give it. ``path``: request target of chat
    completions; ``{model}`` is replaced by the model id. ``prefix``: the part of ``path`` that a path in the configured
    ``base_url`` replaces. ``needs_key``: without a key nothing works there. ``source``: the vendor's page it rests on.
    """

    name: str
    base_url: str | None
    prefix: str
    suffix: str
    auth: AuthStyle
    needs_key: bool
    key_variable: str | None
    source: str


def _row(
    name: str,
    base_url: str | None,
    key_variable: str | None,
    source: str,
    *,
    prefix: str = "/v1",
    suffix: str = "/chat/completions",
    auth: AuthStyle = "bearer",
) -> Provider:
    return Provider(name, base_url, prefix, suffix, auth, key_variable is not None, key_variable, source)


# fmt: off
_ROWS = (
    _row("openai", "https://api.openai.com", "OPENAI_API_KEY", "https://platform.openai.com/docs/api-reference/chat"),
    _row("anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", "https://docs.claude.com/en/api/openai-sdk"),
    _row("gemini", "https://generativelanguage.googleapis.com", "GEMINI_API_KEY", "https://ai.google.dev/gemini-api/docs/openai", prefix="/v1beta/openai"),
    _row("google", "https://generativelanguage.googleapis.com", "GEMINI_API_KEY", "https://ai.google.dev/gemini-api/docs/openai", prefix="/v1beta/openai"),
    _row("groq", "https://api.groq.com", "GROQ_API_KEY", "https://console.groq.com/docs/openai", prefix="/openai/v1"),
    _row("mistral", "https://api.mistral.ai", "MISTRAL_API_KEY", "https://docs.mistral.ai/api/"),
    _row("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", "https://api-docs.deepseek.com/"),
    _row("xai", "https://api.x.ai", "XAI_API_KEY", "https://docs.x.ai/docs/api-reference"),
    _row("together_ai", "https://api.together.xyz", "TOGETHER_API_KEY", "https://docs.together.ai/docs/openai-api-compatibility"),
    _row("together", "https://api.together.xyz", "TOGETHER_API_KEY", "https://docs.together.ai/docs/openai-api-compatibility"),
    _row("openrouter", "https://openrouter.ai", "OPENROUTER_API_KEY", "https://openrouter.ai/docs/api-reference/overview", prefix="/api/v1"),
    _row("moonshotai", "https://api.moonshot.ai", "MOONSHOT_API_KEY", "https://platform.moonshot.ai/docs/api/chat"),
    _row("xiaomi", "https://api.xiaomimimo.com", "XIAOMI_API_KEY", "https://platform.xiaomimimo.com/"),
    _row("zhipu", "https://open.bigmodel.cn", "ZHIPU_API_KEY", "https://docs.bigmodel.cn/", prefix="/api/paas/v4"),
    _row("perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY", "https://docs.perplexity.ai/api-reference/chat-completions-post", prefix=""),
    _row("digitalocean", "https://inference.do-ai.run", "DIGITALOCEAN_API_KEY", "https://docs.digitalocean.com/products/gradient-ai-platform/"),
    _row("do", "https://inference.do-ai.run", "DIGITALOCEAN_API_KEY", "https://docs.digitalocean.com/products/gradient-ai-platform/"),
    _row("do_ai", "https://inference.do-ai.run", "DIGITALOCEAN_API_KEY", "https://docs.digitalocean.com/products/gradient-ai-platform/"),
    _row("edenai", "https://api.edenai.run", "EDENAI_API_KEY", "https://docs.edenai.co/v3/quickstart/first-llm-call", prefix="/v3/llm"),
    _row("vercel", "https://ai-gateway.vercel.sh", "AI_GATEWAY_API_KEY", "https://vercel.com/docs/ai-gateway/openai-compat"),
    _row("qwen", None, "DASHSCOPE_API_KEY", "https://www.alibabacloud.com/help/en/model-studio/", prefix="/compatible-mode/v1"),
    _row("azure_openai", None, "AZURE_OPENAI_API_KEY", "https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference",
         prefix="/openai/deployments/{model}", suffix="/chat/completions?api-version=2025-01-01-preview", auth="api-key"),
    _row("amazon_bedrock", None, "AWS_BEARER_TOKEN_BEDROCK", "https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html", prefix="/openai/v1"),
    _row("amazon", None, "AWS_BEARER_TOKEN_BEDROCK", "https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html", prefix="/openai/v1"),
    _row("ollama", None, None, "https://docs.ollama.com/api/openai-compatibility"),
    _row("vllm", None, None, "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html"),
    _row("plano", None, None, "https://github.com/katanemo/plano"),
)
# fmt: on

PROVIDERS: dict[str, Provider] = {row.name: row for row in _ROWS}

OPENAI_COMPATIBLE = _row("openai-compatible", None, None, "https://platform.openai.com/docs/api-reference/chat")
"""What an unknown prefix with a ``base_url`` is taken for."""
