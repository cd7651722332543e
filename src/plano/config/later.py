"""What the configuration accepts and checks, but this version does not act on yet."""

from __future__ import annotations

from plano.config.settings import Settings

_SECTIONS = (
    ("tracing", "exporters"),
    ("state_storage",),
    ("routing", "routing_budget"),
)


def without_effect(settings: Settings) -> tuple[str, ...]:
    """The keys of the file that have no effect in this version, each once, in the order of the table above."""
    written = [value.path for value in settings.values if value.origin != "default"]
    return tuple(
        [".".join(section) for section in _SECTIONS if any(path[: len(section)] == section for path in written)]
    )
