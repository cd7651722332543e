"""What the configuration accepts and checks, but this version does not act on yet."""

from __future__ import annotations

from plano.config.settings import Settings

_SECTIONS = (
    ("prompt_caching",),
    ("ratelimits",),
    ("tracing", "trace_arch_internal"),
    ("tracing", "exporters"),
    ("state_storage",),
    ("routing",),
    ("overrides", "llm_routing_model"),
    ("overrides", "agent_orchestration_model"),
)

_ACTED_ON = frozenset({("routing", "exploration_percent")})
"""Keys in those sections that are."""


def without_effect(settings: Settings) -> tuple[str, ...]:
    """The keys of the file that have no effect in this version, each once, in the order of the table above."""
    written = [value.path for value in settings.values if value.origin != "default" and value.path not in _ACTED_ON]
    return tuple(
        [".".join(section) for section in _SECTIONS if any(path[: len(section)] == section for path in written)]
    )
