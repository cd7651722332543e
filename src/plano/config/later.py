"""What the configuration accepts and checks, but this version does not act on yet."""

from __future__ import annotations

from plano.config.settings import Settings

_KEYS = (
    ("tracing", "exporters"),
    ("state_storage",),
)


def without_effect(settings: Settings) -> tuple[str, ...]:
    """The keys of the file that have no effect in this version, each once, in the order of the table above."""
    given = [value.path for value in settings.values if value.origin != "default"]
    return tuple([".".join(key) for key in _KEYS if any(path[: len(key)] == key for path in given)])
