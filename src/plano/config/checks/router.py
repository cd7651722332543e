"""The router: what it needs is there, and nothing is said twice or in vain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from plano.config import settings
from plano.config.document import Scalar
from plano.config.findings import Problem
from plano.config.view import Part, View
from plano.domain.intent import PLACEHOLDERS

_FROM, _TO = settings.Router().unsure
_OF_A_CASCADE = ("unsure_from", "unsure_to", "max_escalation_percent")
_IDLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"embedded": ("dialect", "prompt", "deadline", *_OF_A_CASCADE), "http": ("threshold", *_OF_A_CASCADE)}
)
"""By the kind of the router: keys that mean nothing to it."""


def router_names(view: View) -> tuple[tuple[str, Scalar], ...]:
    """Where the file names a router model: (key, the name), the one that counts first."""
    router, overrides = _router(view), view.top.below("overrides")
    places = (
        (router, "routing.router", "model"),
        (overrides, "overrides", "llm_routing_model"),
        (overrides, "overrides", "agent_orchestration_model"),
    )
    found = [(f"{section}.{key}", None if part is None else part.text(key)) for part, section, key in places]
    return tuple((key, scalar) for key, scalar in found if scalar is not None)


def complete(view: View) -> Iterator[Problem]:
    """A router that asks a model has one."""
    router = _router(view)
    kind = None if router is None else router.text("type")
    if kind is not None and kind.text in ("http", "cascade") and not router_names(view):
        hint = "name a declared model: 'model: <provider>/<model id>'"
        yield Problem("PL-C012", f"missing key 'model' beside 'type: {kind.text}'", kind.place, hint)


def said_once(view: View) -> Iterator[Problem]:
    """Of several names of a router model the first counts; where none is asked, none does."""
    names, kind = router_names(view), _kind(view)
    for key, name in names[1:] if kind != "embedded" else names:
        if kind == "embedded":
            yield Problem("PL-C035", f"{key!r} has no effect beside 'type: embedded'", name.place, "remove one of them")
        elif name.text != names[0][1].text and "agent_orchestration_model" not in key:
            yield Problem("PL-C035", f"{key!r} has no effect beside {names[0][0]!r}", name.place, "remove one of them")


def in_vain(view: View) -> Iterator[Problem]:
    """Keys of another kind of router than the configured one have no effect."""
    router, kind = _router(view), _kind(view)
    if router is None:
        return
    for key in _IDLE.get(kind, ()):
        entry = router.entry(key)
        if entry is not None:
            yield Problem("PL-C035", f"'{key}' has no effect beside 'type: {kind}'", entry.key_place, "remove it")


def band(view: View) -> Iterator[Problem]:
    """There are probabilities between the two ends of the band."""
    router = _router(view)
    low, high = (None, None) if router is None else (router.text("unsure_from"), router.text("unsure_to"))
    first, last, given = _number(low, _FROM), _number(high, _TO), low or high
    if given is not None and first is not None and last is not None and first >= last:
        reason = f"a cascade would be unsure from {first:g} to {last:g}: never"
        yield Problem("PL-C014", reason, given.place, "'unsure_from' must be below 'unsure_to'")


def prompt(view: View) -> Iterator[Problem]:
    """Other words of the prompt have places for the routes and the conversation."""
    router = _router(view)
    words = None if router is None else router.text("prompt")
    for place in PLACEHOLDERS if words is not None else ():
        if words is not None and place not in words.text:
            yield Problem(
                "PL-C014", f"the prompt has no place for {place}", words.place, f"write {place} where they go"
            )


def _router(view: View) -> Part | None:
    routing = view.top.below("routing")
    return None if routing is None else routing.below("router")


def _kind(view: View) -> str:
    """The kind of the router, as it is settled."""
    router = _router(view)
    kind = None if router is None else router.text("type")
    if kind is not None:
        return kind.text
    return "http" if router_names(view) else "embedded"


def _number(scalar: Scalar | None, default: float) -> float | None:
    """The number, None where the text is none: the schema says so."""
    try:
        return default if scalar is None else float(scalar.text)
    except ValueError:
        return None


ROUTER_CHECKS = (complete, said_once, in_vain, band, prompt)
