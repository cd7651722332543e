"""What a provider's error object says, as one of a few words: its code where it has one that is known, else its text.

Some providers have no codes, or one code for everything. Their known sentences are listed here with whose they are; a
sentence that is not listed means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

CONTEXT = "context_length_exceeded"
CONTENT = "content_policy_violation"
ACCOUNT = "insufficient_quota"
OBJECT_MISSING = "object_not_found"

KNOWN = frozenset({CONTEXT, CONTENT, ACCOUNT, OBJECT_MISSING})
"""Words of ours, whatever the provider's are."""

LONGEST_READ = 4_096

SAME_AS: Mapping[str, str] = {
    "context_window_exceeded": CONTEXT,
    "string_above_max_length": CONTEXT,
    "billing_not_active": ACCOUNT,
    "billing_hard_limit_reached": ACCOUNT,
    "insufficient_balance": ACCOUNT,
    "content_filter": CONTENT,
    "invalid_prompt": CONTENT,
    "moderation_blocked": CONTENT,
    "data_inspection_failed": CONTENT,  # Alibaba Cloud
    "responsibleaipolicyviolation": CONTENT,  # Azure
    "previous_response_not_found": OBJECT_MISSING,
}
"""Providers' codes that mean the same; in lower case."""

# fmt: off
SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (r"prompt is too long: \d+ tokens", CONTEXT),                                 # Anthropic
        (r"input length and `max_tokens` exceed context limit", CONTEXT),             # Anthropic
        (r"maximum (context|prompt) length is \d+", CONTEXT),                         # OpenAI, vLLM, xAI, DeepSeek
        (r"input token count .{0,40}exceeds the maximum number of tokens", CONTEXT),  # Gemini
        (r"input is too long for requested model", CONTEXT),                          # Bedrock
        (r"too large for model with \d+ maximum context length", CONTEXT),            # Mistral
        (r"exceeds? the context window", CONTEXT),                                    # OpenAI, responses
        (r"credit balance is too low", ACCOUNT),                                      # Anthropic
        (r"reached your specified api usage limits", ACCOUNT),                        # Anthropic
        (r"exceeded your current quota", ACCOUNT),                                    # OpenAI, Gemini
        (r"insufficient (balance|credits?)\b", ACCOUNT),                              # DeepSeek, OpenRouter
        (r"billing hard limit", ACCOUNT),                                             # OpenAI
        (r"blocked by content filtering policy", CONTENT),                            # Anthropic
        (r"rejected as a result of our safety system", CONTENT),                      # OpenAI
        (r"content management policy", CONTENT),                                      # Azure
        (r"\b(response|item|conversation) with id .{1,80} not found", OBJECT_MISSING),  # OpenAI
        (r"no such (file|batch|thread|assistant)", OBJECT_MISSING),                   # OpenAI
    )
)
# fmt: on


def word_of(error: Mapping[str, Any]) -> str | None:
    """The word for what an error object says, None when it says nothing that is known or could be looked up.

    A code that says something wins; else a known sentence of the message; else the bare code or type, as it is.
    """
    code = _named(error.get("code"))
    same = SAME_AS.get(code.lower()) if code is not None else None
    if same is not None:
        return same
    inner = error.get("innererror")
    if isinstance(inner, dict) and (nested := _named(inner.get("code"))) is not None and nested.lower() in SAME_AS:
        return SAME_AS[nested.lower()]
    message = error.get("message")
    if isinstance(message, str) and (code is None or code not in _PRECISE):
        shown = message[:LONGEST_READ]
        found = next((word for pattern, word in SENTENCES if pattern.search(shown)), None)
        if found is not None:
            return found
    return code or _named(error.get("type"))


_PRECISE = frozenset({CONTEXT, CONTENT, ACCOUNT, "rate_limit_exceeded", "model_not_found", "invalid_api_key"})
"""Codes beside which the sentence adds nothing."""


def _named(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
