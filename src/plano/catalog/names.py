"""How one model is written in several ways: spellings of a provider, and ids that carry a date or a region."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

PROVIDER_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "google": "gemini",
        "together": "together_ai",
        "togetherai": "together_ai",
        "amazon": "amazon_bedrock",
        "amazon-bedrock": "amazon_bedrock",
        "bedrock": "amazon_bedrock",
        "azure": "azure_openai",
        "do": "digitalocean",
        "do_ai": "digitalocean",
        "alibaba": "qwen",
        "zhipuai": "zhipu",
        "moonshot": "moonshotai",
        "x-ai": "xai",
    }
)
"""Other names of a provider, to the one that the catalog uses."""

_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_DATE = re.compile(
    rf"(?:@(?:20[0-9]{{6}}|latest|default)"  # Vertex
    rf"|-20[0-9]{{2}}-{_MONTH}-{_DAY}|-20[0-9]{{6}}"  # OpenAI, Anthropic
    rf"|-{_MONTH}-20[0-9]{{2}}|-{_MONTH}{_DAY}|-2[0-9]{_MONTH}"  # Cohere, xAI, Mistral
    r"|-00[1-9]|-latest)$"  # Google
)
_REGION = re.compile(r"(?:us|eu|apac|global|jp|au|ca|in|us-gov)\.(?=[a-z0-9]+\.)")


def canonical_provider(name: str) -> str:
    """The catalog's spelling of a provider's name, in lower case."""
    lowered = name.lower()
    return PROVIDER_SPELLINGS.get(lowered, lowered)


def families(model_id: str) -> Iterator[str]:
    """The ids that ``id`` may be a dated or regional form of, the nearest first; ``id`` itself is not among them.

    Only what is known to be a date, a revision or a region is taken off, never a word: ``-mini`` is another model.
    """
    undated = _DATE.sub("", model_id)
    if undated != model_id:
        yield undated
    home = _REGION.sub("", model_id, count=1) if _REGION.match(model_id) else model_id
    if home != model_id:
        yield home
        yield from families(home)
