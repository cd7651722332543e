"""The names of spans and attributes: the only place that knows a convention.

Three sets are written side by side, so that whatever reads them finds its own:

- the conventions for generative AI as they were released (semantic conventions up to 1.36), and as they are now
  (https://github.com/open-telemetry/semantic-conventions-genai), both OpenTelemetry's;
- those for HTTP, stable since 1.23;
- those of the gateway whose files Plano reads, for the dashboards of its users.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Both sets of the conventions for generative AI.
OPERATION = "gen_ai.operation.name"
REQUEST_MODEL = "gen_ai.request.model"
RESPONSE_MODEL = "gen_ai.response.model"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
# Released.
SYSTEM = "gen_ai.system"
# Now.
PROVIDER = "gen_ai.provider.name"
CACHE_READ_TOKENS = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS = "gen_ai.usage.cache_creation.input_tokens"
REASONING_TOKENS = "gen_ai.usage.reasoning.output_tokens"
FIRST_CHUNK_S = "gen_ai.response.time_to_first_chunk"

# HTTP, and what failed.
METHOD, PATH, STATUS, ERROR = "http.request.method", "url.path", "http.response.status_code", "error.type"

# The other gateway's.
LLM_MODEL, LLM_PROVIDER, LLM_STREAMING = "llm.model", "llm.provider", "llm.is_streaming"
LLM_MS, LLM_FIRST_TOKEN_MS, LLM_BYTES = "llm.duration_ms", "llm.time_to_first_token", "llm.response_bytes"
LLM_INPUT, LLM_OUTPUT, LLM_CACHED = (
    "llm.usage.prompt_tokens",
    "llm.usage.completion_tokens",
    "llm.usage.cached_input_tokens",
)
LLM_TOTAL, LLM_WRITTEN, LLM_REASONING = (
    "llm.usage.total_tokens",
    "llm.usage.cache_creation_tokens",
    "llm.usage.reasoning_tokens",
)
LLM_USD, LLM_INPUT_USD, LLM_OUTPUT_USD = (
    "llm.usage.total_cost_usd",
    "llm.usage.input_cost_usd",
    "llm.usage.output_cost_usd",
)
REQUEST_ID, ASKED_MODEL, SELECTED_MODEL = "request_id", "model.requested", "route.selected_model"
ROUTING_MS, ROUTE = "routing.determination_ms", "plano.route.name"

# The other gateway's, of sessions.
SKIPPED, CACHE_WARM, CACHE_IDLE_MS = "plano.routing.skipped", "plano.cache.warm", "plano.cache.idle_ms"
SESSION_USD, SESSION_SPEND_USD, SESSION_BASELINE_USD, SESSION_SWITCHES, SESSION_OVERHEAD_PCT = (
    "plano.session.total_cost_in_usd",
    "plano.session.switch_spend_in_usd",
    "plano.session.baseline_in_usd",
    "plano.session.switches",
    "plano.session.overhead_pct",
)
SWITCH_DECISION, SWITCH_USD, SWITCH_CEILING_USD, COUNTERFACTUAL = (
    "plano.switch.decision",
    "plano.switch.cost_in_usd",
    "plano.switch.overhead_ceiling_in_usd",
    "plano.switch.counterfactual_route",
)

# Plano's own.
ROUTER, SCORE, THRESHOLD, MARGIN = (
    "plano.router.state",
    "plano.router.score",
    "plano.router.threshold",
    "plano.router.margin",
)
TROUBLE, ROUTER_MODEL, ROUTER_MODEL_MS, ROUTER_MODEL_ENDING, ESCALATION = (
    "plano.router.trouble",
    "plano.router.model",
    "plano.router.model_ms",
    "plano.router.model_ending",
    "plano.router.escalation",
)
PREFER, CANDIDATES, ATTEMPT, ENDING = (
    "plano.ranking.prefer",
    "plano.ranking.candidates",
    "plano.attempt.number",
    "plano.attempt.ending",
)
LOSS_EVENT, LOSS = "plano.translation.loss", "plano.translation.what"
CODE, ROUTER_TEXT = "plano.error.code", "plano.router.text"

INTENT_SPAN, RANKING_SPAN, RELAY_SPAN = "intent", "ranking", "relay"

OWN: Final = frozenset([value for name, value in tuple(globals().items()) if name.isupper() and isinstance(value, str)])
"""Every name above: an attribute of the configuration or of a caller's header field does not take its place."""

OPERATIONS: Final[Mapping[str, str]] = {
    "openai_chat": "chat",
    "anthropic_messages": "chat",
    "openai_responses": "chat",
}
"""By dialect; the conventions know no operation of its own for messages and responses."""

PROVIDERS: Final[Mapping[str, str]] = {
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "mistral": "mistral_ai",
    "xai": "x_ai",
    "moonshotai": "moonshot_ai",
    "azure_openai": "azure.ai.openai",
    "amazon": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
}
"""Plano's prefix of a model → the well-known value of the conventions, where they differ."""


def provider_of(model: str) -> str:
    """The well-known name of the provider of a model."""
    prefix = model.partition("/")[0]
    return PROVIDERS.get(prefix, prefix)
