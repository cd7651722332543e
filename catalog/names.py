"""Who is called what by whom, and which ids are chat models."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProviderNames:
    """One provider. ``name``: Plano's. ``litellm``: (its ``litellm_provider``, the prefix its keys carry there)."""

    name: str
    models_dev: str
    genai: str | None
    litellm: tuple[tuple[str, str], ...] = ()


# fmt: off
PROVIDERS = (
    ProviderNames("openai", "openai", "openai", (("openai", ""),)),
    ProviderNames("anthropic", "anthropic", "anthropic", (("anthropic", ""),)),
    ProviderNames("gemini", "google", "google", (("gemini", "gemini/"),)),
    ProviderNames("mistral", "mistral", "mistral", (("mistral", "mistral/"),)),
    ProviderNames("xai", "xai", "x-ai", (("xai", "xai/"),)),
    ProviderNames("deepseek", "deepseek", "deepseek", (("deepseek", "deepseek/"), ("deepseek", ""))),
    ProviderNames("groq", "groq", "groq", (("groq", "groq/"),)),
    ProviderNames("cohere", "cohere", "cohere", (("cohere_chat", ""), ("cohere", ""))),
    ProviderNames("meta", "meta", "meta", (("meta", "meta/"),)),
    ProviderNames("perplexity", "perplexity", "perplexity", (("perplexity", "perplexity/"),)),
    ProviderNames("moonshotai", "moonshotai", "moonshotai", (("moonshot", "moonshot/"),)),
    ProviderNames("xiaomi", "xiaomi", None, (("xiaomi_mimo", "xiaomi_mimo/"),)),
    ProviderNames("zhipu", "zhipuai", "zhipuai", (("bigmodel", "bigmodel/"),)),
    ProviderNames("zai", "zai", "zai", (("zai", "zai/"),)),
    ProviderNames("qwen", "alibaba", None, (("dashscope", "dashscope/"),)),
    ProviderNames("cerebras", "cerebras", "cerebras", (("cerebras", "cerebras/"),)),
    ProviderNames("together_ai", "togetherai", "together", (("together_ai", "together_ai/"),)),
    ProviderNames("azure_openai", "azure", "azure", (("azure", "azure/"), ("azure_ai", "azure_ai/"))),
    ProviderNames("amazon_bedrock", "amazon-bedrock", "aws", (("bedrock_converse", ""), ("bedrock", ""))),
    ProviderNames("openrouter", "openrouter", "openrouter"),
    ProviderNames("vercel", "vercel", None, (("vercel_ai_gateway", "vercel_ai_gateway/"),)),
    ProviderNames("digitalocean", "digitalocean", None, (("gradient_ai", "gradient_ai/"),)),
    ProviderNames("edenai", "edenai", None),
)
# fmt: on

RESELLERS = frozenset({"openrouter", "vercel", "edenai", "perplexity"})
"""Their ids begin with a vendor's name, so a slash in an id is meant."""

WITH_SLASH = RESELLERS | {"groq", "together_ai", "digitalocean"}
"""Elsewhere an id with a slash is a region or a commitment of the same model, and is left out."""

_OTHER_TASKS = (
    # Vectors, ranking, judging
    *("embed", "bge-", "gte-", "e5-", "rerank", "moderation", "guard", "search-api", "aqa$"),
    # Sound
    *(
        "whisper",
        "transcri",
        "-asr",
        "tts",
        "speech",
        "realtime",
        "native-audio",
        "audio-preview",
        r"(^|[-/])live([-.]|$)",
    ),
    *("lyria", "-clip"),
    # Pictures and moving ones
    *(
        "image",
        "imagine",
        "imagen",
        "dall-e",
        "stable-",
        "flux",
        "veo-",
        "sora",
        "pegasus",
        "marengo",
        "palmyra-vision",
        "ocr",
    ),
    # Text that is only continued or translated, and machines
    *(
        "translat",
        "text-(ada|curie|davinci)",
        "titan-(text|tg1)",
        "^(ada|babbage|curie|davinci)$",
        "(davinci|babbage)-00",
    ),
    "robotics",
    # One customer's own, and patterns
    *("^ft:", r"[.]ft-", r"[*]"),
)

_NOT_CHAT = re.compile("|".join(_OTHER_TASKS), re.IGNORECASE)


def is_chat(model_id: str, provider: str) -> bool:
    """Is this the id of a model that holds a conversation in text, and not of a region or commitment of another?"""
    return _NOT_CHAT.search(model_id) is None and ("/" not in model_id or provider in WITH_SLASH)
