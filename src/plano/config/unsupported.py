"""Keys of other kinds of gateways, refused by name: key → what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_AGENTS = "Plano routes models; remove it, and keep agents behind their own gateway"
_FILTERS = "Plano runs no filters; remove it"
_PROMPTS = "Plano has no prompt targets; remove it"

UNSUPPORTED_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "agents": _AGENTS,
        "router": _AGENTS,
        "use_agent_orchestrator": _AGENTS,
        "filters": _FILTERS,
        "filter_chain": _FILTERS,
        "input_filters": _FILTERS,
        "output_filters": _FILTERS,
        "prompt_guards": _FILTERS,
        "prompt_targets": _PROMPTS,
        "prompt_target_intent_matching_threshold": _PROMPTS,
        "optimize_context_window": _PROMPTS,
        "system_prompt": "Plano adds no text to requests; let the client send its system prompt",
        "mode": "there is one mode; remove it",
    }
)
