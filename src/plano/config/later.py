"""What the configuration accepts and checks, but this version does not act on yet."""

from __future__ import annotations

from plano.config.settings import Settings

_SECTIONS = (
    ("tracing", "trace_arch_internal"),
    ("tracing", "exporters"),
    ("state_storage",),
    ("routing",),
)

_ACTED_ON = (
    ("routing", "exploration_percent"),
    ("routing", "router"),
    ("routing", "session_ttl_seconds"),
    ("routing", "session_max_entries"),
    ("routing", "session_cache"),
    ("routing", "route_on_user_only"),
)
"""Keys in those sections that are, with all below them."""


def without_effect(settings: Settings) -> tuple[str, ...]:
    """The keys of the file that have no effect in this version, each once, in the order of the table above."""
    given = [value.path for value in settings.values if value.origin != "default"]
    written = [path for path in given if not any(path[: len(known)] == known for known in _ACTED_ON)]
    return tuple(
        [".".join(section) for section in _SECTIONS if any(path[: len(section)] == section for path in written)]
    )
