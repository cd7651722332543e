"""Providers as data: one row each. A new provider is a row here and a fixture in the tests; nothing else knows names."""

from __future__ import annotations

from dataclasses import dataclass

from plano.domain.model import AuthStyle, CallIds, Dialect, LimitField

SUFFIXES = {
    Dialect.OPENAI_CHAT: "/chat/completions",
    Dialect.ANTHROPIC_MESSAGES: "/messages",
    Dialect.OPENAI_RESPONSES: "/responses",
}
"""What follows the prefix in the request target of each dialect."""

_CHAT = (Dialect.OPENAI_CHAT,)
_MESSAGES = (Dialect.ANTHROPIC_MESSAGES,)
_RESPONSES = (Dialect.OPENAI_RESPONSES,)
_BOTH_OF_OPENAI = (Dialect.OPENAI_CHAT, Dialect.OPENAI_RESPONSES)
_ALL = (Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES, Dialect.OPENAI_RESPONSES)


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider.

    ``base_url``: scheme and host, None when the configuration must give it. ``key_variable``: where its key usually is,
    None when none is needed. ``source``: the vendor's page the row rests on. ``dialects``: those spoken there, first the
    one that callers of all others are translated to. ``prefix``: what every request target begins with; a path in a
    configured ``base_url`` replaces it, ``{model}`` stands for the model id. ``suffix``: what follows in the target of
    the first dialect, None for the usual one. ``counts_tokens``, ``limit_field``, ``call_ids`` and ``chat_cache_markers``:
    as in ``Endpoint``.
    """

    name: str
    base_url: str | None
    key_variable: str | None
    source: str
    dialects: tuple[Dialect, ...] = _CHAT
    prefix: str = "/v1"
    suffix: str | None = None
    auth: AuthStyle = "bearer"
    counts_tokens: bool = False
    limit_field: LimitField = "max_tokens"
    call_ids: CallIds = "any"
    chat_cache_markers: bool = False

    @property
    def needs_key(self) -> bool:
        """Does nothing work there without a key?"""
        return self.key_variable is not None

    def targets(self, prefix: str) -> tuple[tuple[Dialect, str], ...]:
        """The request target of each dialect behind ``prefix``; the first may have a query."""
        first, *others = self.dialects
        return (
            (first, prefix + (self.suffix or SUFFIXES[first])),
            *((dialect, prefix + SUFFIXES[dialect]) for dialect in others),
        )


# fmt: off
_ROWS = (
    Provider("openai", "https://api.openai.com", "OPENAI_API_KEY", "https://platform.openai.com/docs/api-reference/chat",
         dialects=_BOTH_OF_OPENAI, limit_field="max_completion_tokens"),
    Provider("anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", "https://docs.claude.com/en/api/messages",
         dialects=_MESSAGES, auth="x-api-key", counts_tokens=True),
    Provider("gemini", "https://generativelanguage.googleapis.com", "GEMINI_API_KEY", "https://ai.google.dev/gemini-api/docs/openai", prefix="/v1beta/openai"),
    Provider("google", "https://generativelanguage.googleapis.com", "GEMINI_API_KEY", "https://ai.google.dev/gemini-api/docs/openai", prefix="/v1beta/openai"),
    Provider("groq", "https://api.groq.com", "GROQ_API_KEY", "https://console.groq.com/docs/openai", prefix="/openai/v1"),
    Provider("mistral", "https://api.mistral.ai", "MISTRAL_API_KEY", "https://docs.mistral.ai/api/",
         call_ids="nine"),  # https://mistralai.github.io/mistral-common/usage/tools/
    Provider("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", "https://api-docs.deepseek.com/"),
    Provider("xai", "https://api.x.ai", "XAI_API_KEY", "https://docs.x.ai/docs/api-reference", dialects=_BOTH_OF_OPENAI),
    Provider("together_ai", "https://api.together.xyz", "TOGETHER_API_KEY", "https://docs.together.ai/docs/openai-api-compatibility"),
    Provider("together", "https://api.together.xyz", "TOGETHER_API_KEY", "https://docs.together.ai/docs/openai-api-compatibility"),
    Provider("openrouter", "https://openrouter.ai", "OPENROUTER_API_KEY", "https://openrouter.ai/docs/api-reference/overview", prefix="/api/v1", chat_cache_markers=True),
    Provider("moonshotai", "https://api.moonshot.ai", "MOONSHOT_API_KEY", "https://platform.moonshot.ai/docs/api/chat"),
    Provider("xiaomi", "https://api.xiaomimimo.com", "XIAOMI_API_KEY", "https://platform.xiaomimimo.com/"),
    Provider("zhipu", "https://open.bigmodel.cn", "ZHIPU_API_KEY", "https://docs.bigmodel.cn/", prefix="/api/paas/v4"),
    Provider("perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY", "https://docs.perplexity.ai/api-reference/chat-completions-post", prefix=""),
    Provider("digitalocean", "https://inference.do-ai.run", "DIGITALOCEAN_API_KEY", "https://docs.digitalocean.com/products/gradient-ai-platform/", chat_cache_markers=True),
    Provider("do", "https://inference.do-ai.run", "DIGITALOCEAN_API_KEY", "https://docs.digitalocean.com/products/gradient-ai-platform/", chat_cache_markers=True),
    Provider("do_ai", "https://inference.do-ai.run", "DIGITALOCEAN_API_KEY", "https://docs.digitalocean.com/products/gradient-ai-platform/", chat_cache_markers=True),
    Provider("edenai", "https://api.edenai.run", "EDENAI_API_KEY", "https://docs.edenai.co/v3/quickstart/first-llm-call", prefix="/v3/llm", chat_cache_markers=True),
    Provider("vercel", "https://ai-gateway.vercel.sh", "AI_GATEWAY_API_KEY", "https://vercel.com/docs/ai-gateway/openai-compat", dialects=_ALL),
    Provider("qwen", None, "DASHSCOPE_API_KEY", "https://www.alibabacloud.com/help/en/model-studio/", prefix="/compatible-mode/v1"),
    Provider("azure_openai", None, "AZURE_OPENAI_API_KEY", "https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference",
         prefix="/openai/deployments/{model}", suffix="/chat/completions?api-version=2025-01-01-preview", auth="api-key", limit_field="max_completion_tokens"),
    Provider("amazon_bedrock", None, "AWS_BEARER_TOKEN_BEDROCK", "https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html", prefix="/openai/v1"),
    Provider("amazon", None, "AWS_BEARER_TOKEN_BEDROCK", "https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html", prefix="/openai/v1"),
    Provider("chatgpt", "https://chatgpt.com", None, "https://github.com/openai/codex/blob/main/codex-rs/model-provider-info/src/lib.rs",
         dialects=_RESPONSES, prefix="/backend-api/codex"),
    Provider("ollama", None, None, "https://docs.ollama.com/api/openai-compatibility"),
    Provider("vllm", None, None, "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html"),
    Provider("plano", None, None, "https://github.com/katanemo/plano"),
)
# fmt: on

PROVIDERS: dict[str, Provider] = {row.name: row for row in _ROWS}


@dataclass(frozen=True, slots=True)
class Variant:
    """A part of a provider that is reached in another way: the model ``model``, or all at ``host``.

    ``paths``: of a configured ``base_url``, to what they become. ``headers``: sent unless the configuration says others.
    """

    provider: str
    model: str
    host: str
    source: str
    paths: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]


VARIANTS = (
    Variant(
        provider="moonshotai",
        model="kimi-for-coding",
        host="api.kimi.com",
        source="https://www.kimi.com/code/docs/en/",
        paths=(("/coding", "/coding/v1"),),
        headers=(("user-agent", "KimiCLI/1.3"),),
    ),
)
"""Moonshot's plan for coding answers only those who call themselves its own client."""

OPENAI_RESPONSES = Provider(
    "openai_responses",
    None,
    None,
    "https://platform.openai.com/docs/api-reference/responses",
    dialects=_RESPONSES,
)
"""A server, or a model of one, that speaks nothing but the Responses API."""

OPENAI_COMPATIBLE = Provider("openai-compatible", None, None, "https://platform.openai.com/docs/api-reference/chat")
"""What an unknown prefix with a ``base_url`` is taken for."""
