"""Another configuration for a running gateway, as far as it can be judged before it is taken."""

from __future__ import annotations

from plano.assembly import Decider
from plano.config.settings import Settings
from plano.errors import ConfigError
from plano.evaluate.rehearsal import failures
from plano.ports import Classifier


def tried(settings: Settings, classifier: Classifier) -> Decider:
    """A decider for ``settings`` that has passed their tests and knows their routes. Raises ConfigError."""
    decider = Decider.build(settings, classifier=classifier)
    decider.warm()
    failed = tuple(failures(decider, settings.tests))
    if failed:
        raise ConfigError("\n".join((f"{len(failed)} of {len(settings.tests)} tests fail", *failed)))
    return decider


def needs_restart(old: Settings, new: Settings) -> tuple[str, ...]:
    """Keys whose new values count only after a restart."""
    sections = (
        ("listeners", old.listeners, new.listeners),
        ("admin", old.admin, new.admin),
        ("tracing", old.tracing, new.tracing),
        ("overrides.upstream_tls_ca_path", old.overrides.ca_path, new.overrides.ca_path),
    )
    return tuple(name for name, before, after in sections if before != after)
