"""Another configuration for a running gateway, as far as it can be judged before it is taken."""

from __future__ import annotations

from plano.assembly import Decider
from plano.config.settings import Settings
from plano.config.urls import is_loopback
from plano.errors import ConfigError
from plano.evaluate.rehearsal import failures
from plano.ports import Classifier


def tried(settings: Settings, classifier: Classifier | None) -> Decider:
    """A decider for ``settings`` that has passed their tests and knows their routes. Raises ConfigError.

    ``classifier``: the embedded router, None where it was not needed so far.
    """
    decider = Decider.build(settings, classifier=classifier)
    decider.warm()
    failed = tuple(failures(decider, settings.tests))
    if failed:
        raise ConfigError("\n".join((f"{len(failed)} of {len(settings.tests)} tests fail", *failed)))
    return decider


def refuse_exposure(running: Settings, new: Settings) -> None:
    """Keys count at once, addresses only after a restart: no listener may be left open that nobody said is to be.

    ``running``: the listeners as they are, with the callers of now. Raises ConfigError.
    """
    if new.callers or not running.callers:
        return
    meant = {(one.address, one.port) for one in new.open_listeners}
    for one in running.listeners:
        if not is_loopback(one.address) and (one.address, one.port) not in meant:
            raise ConfigError(
                f"without 'callers', anyone could use listener {one.name!r} at {one.address} until a restart"
            )


def moved(old: Settings, new: Settings) -> frozenset[str]:
    """Models of ``new`` that are reached elsewhere, or with another key, than under that name in ``old``.

    Promises and failures were those of the old place: a key is often changed because it was refused.
    """
    before = old.models.models
    return frozenset(
        name
        for name, model in new.models.models.items()
        if name in before and (model.endpoint, model.upstream_id) != (before[name].endpoint, before[name].upstream_id)
    )


def needs_restart(old: Settings, new: Settings) -> tuple[str, ...]:
    """Keys whose new values count only after a restart. ``old``: what the process was started with."""
    sections = (
        ("listeners", old.listeners, new.listeners),
        ("admin", old.admin, new.admin),
        ("overrides.upstream_tls_ca_path", old.overrides.ca_path, new.overrides.ca_path),
    )
    return tuple(name for name, before, after in sections if before != after)
