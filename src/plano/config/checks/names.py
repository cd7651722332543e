"""Names of models: unique, and everything that mentions one means one that exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from plano.config.checks.router import router_names
from plano.config.document import Scalar
from plano.config.findings import Problem
from plano.config.view import Part, View, shown, text_of
from plano.config.wording import quoted
from plano.domain.model import Endpoint, Model, ModelTable, Origin

_WANTED = ("route", "first_model", "no_route")
_NOWHERE = Endpoint(Origin("http", "localhost", 80), "/", "localhost")

MAX_HINTS = 20
"""Similar names are looked for this many times in a check: it takes long where many models are declared."""


def names_table(view: View) -> ModelTable:
    """The declared names, aliases and wildcards, with endpoints that lead nowhere."""
    table = _without_aliases(view)
    aliases = {entry.key: target.text for entry, target in view.aliases if resolved(table, target) is not None}
    return replace(table, aliases=MappingProxyType(aliases))


def _without_aliases(view: View) -> ModelTable:
    models: dict[str, Model] = {}
    wildcards: dict[str, Model] = {}
    for provider in view.providers:
        if provider.label is None or provider.model is None:
            continue
        model = Model(provider.label.text, provider.prefix, provider.model_id, _NOWHERE)
        if provider.is_wildcard:
            wildcards.setdefault(provider.prefix, model)
        else:
            models.setdefault(model.name, model)
    return ModelTable(MappingProxyType(models), MappingProxyType(wildcards))


def has_unknown_names(view: View) -> bool:
    """Is a model's name missing or in an unset variable, so that "not declared" would be a guess?"""
    return any(provider.label is None for provider in view.providers)


def resolved(table: ModelTable, scalar: Scalar) -> str | None:
    """The declared name that a mention stands for."""
    model = table.find(scalar.text)
    return None if model is None else model.name


def unresolved(view: View, table: ModelTable, scalar: Scalar, *, is_hinted: bool = True) -> Problem | None:
    """The problem of a mention that stands for no single declared model. ``is_hinted``: look for similar names."""
    if scalar.text == "auto" and "auto" not in table.aliases:
        hint = "name the models; the caller's own model is used when no route matches"
        return Problem("PL-C050", "'auto' is not a model", scalar.place, hint)
    if scalar.text.endswith("/*"):
        hint = f"name one model, such as '{scalar.text.removesuffix('*')}…'; the wildcard covers it"
        return Problem("PL-C047", f"{shown(scalar)} stands for many models", scalar.place, hint)
    if resolved(table, scalar) is not None:
        return None
    owners = [name for name, model in table.models.items() if model.upstream_id == scalar.text]
    if len(owners) > 1:
        hint = f"write {' or '.join(repr(_written(view, name)) for name in owners)}"
        return Problem("PL-C055", f"the bare id {shown(scalar)} is ambiguous", scalar.place, hint)
    if has_unknown_names(view):
        return None
    close = _nearest(view, table, scalar) if is_hinted else None
    return Problem("PL-C050", f"the model {shown(scalar)} is not declared", scalar.place, close)


def _nearest(view: View, table: ModelTable, scalar: Scalar) -> str:
    close = [_written(view, name) for name in table.nearest(scalar.text[:128], limit=2)]
    if close:
        return f"did you mean {' or '.join(repr(name) for name in close)}?"
    return "declare it in 'model_providers'"


def _written(view: View, name: str) -> str:
    """The name as it stands in the file, so that no variable's value is shown."""
    labels = (provider.label for provider in view.providers)
    return next((label.written for label in labels if label is not None and label.text == name), name)


def unique_models(view: View) -> Iterator[Problem]:
    """No two providers have one name."""
    first: dict[str, int] = {}
    for provider in view.providers:
        label = provider.label
        if label is None or provider.model is None:
            continue
        key = provider.model.text if provider.is_wildcard else label.text
        if key in first:
            what = "name" if provider.name is not None else "model"
            hint = f"first defined on line {first[key]}"
            hint += "" if provider.name is not None or provider.is_wildcard else "; give one of them a 'name'"
            yield Problem("PL-C045", f"duplicate {what} {shown(label)}", label.place, hint)
        first.setdefault(key, label.place.line)


def one_default(view: View) -> Iterator[Problem]:
    """At most one model is the default, and it is one model."""
    first: int | None = None
    for provider in view.providers:
        entry = provider.part.entry("default")
        if entry is None or not provider.part.is_true("default"):
            continue
        if provider.is_wildcard:
            reason = "a wildcard cannot be the default"
            yield Problem("PL-C047", reason, entry.key_place, "set 'default: true' on one model")
        elif first is not None:
            yield Problem("PL-C046", "a second default", entry.key_place, f"the first one is on line {first}")
        else:
            first = entry.key_place.line


def wildcard_names(view: View) -> Iterator[Problem]:
    """A wildcard keeps the names of its models."""
    for provider in view.providers:
        if provider.is_wildcard and provider.name is not None:
            yield Problem("PL-C035", "'name' has no effect on a wildcard", provider.name.place)


def aliases(view: View) -> Iterator[Problem]:
    """An alias leads to a declared model in one hop."""
    table = _without_aliases(view)
    names = {entry.key for entry, _ in view.aliases}
    undeclared = 0
    for entry, target in view.aliases:
        if entry.key in table.models:
            reason = f"the alias {quoted(entry.key)} hides the declared model of that name"
            yield Problem("PL-C054", reason, entry.key_place)
        if target.text in names and target.text not in table.models:
            reason = f"the target {shown(target)} is itself an alias"
            yield Problem("PL-C053", reason, target.place, "name the model: aliases are followed once")
            continue
        problem = unresolved(view, table, target, is_hinted=undeclared < MAX_HINTS)
        if problem is not None:
            undeclared += 1
            yield problem


def router_models(view: View) -> Iterator[Problem]:
    """The router model is declared, wherever it is named."""
    table = names_table(view)
    for _, scalar in router_names(view):
        problem = unresolved(view, table, scalar)
        if problem is not None:
            yield problem


def rate_limits(view: View) -> Iterator[Problem]:
    """A limit names a model that can be called; a bare id may mean several."""
    table = names_table(view)
    for part in view.top.parts("ratelimits"):
        scalar = part.text("model")
        problem = None if scalar is None else unresolved(view, table, scalar)
        if problem is not None and problem.code == "PL-C050" and not table.wildcards:
            yield problem


def price_names(view: View) -> Iterator[Problem]:
    """The names that a price source's aliases lead to are declared."""
    table = names_table(view)
    for source in view.top.parts("model_metrics_sources"):
        section = source.below("model_aliases")
        for scalar in _values(section) if section is not None else ():
            problem = unresolved(view, table, scalar)
            if problem is not None:
                yield problem


def tests(view: View) -> Iterator[Problem]:
    """What a test expects exists: its model is declared, its route defined."""
    table = names_table(view)
    names = {route.text("name") for route in view.top.parts("routing_preferences")}
    routes = {name.text for name in names if name is not None}
    for test in view.top.parts("tests"):
        model, route = test.text("first_model"), test.text("route")
        problem = None if model is None else unresolved(view, table, model)
        if problem is not None:
            yield problem
        if route is not None and route.text not in routes:
            yield Problem("PL-C056", f"there is no route {shown(route)}", route.place)
        if route is not None and test.is_true("no_route"):
            yield Problem("PL-C014", "a test wants both a route and none", route.place, "keep one of the two")
        if not any(test.entry(key) for key in _WANTED) and test.node.entries:
            hint = "add 'route', 'first_model' or 'no_route: true'"
            yield Problem("PL-C012", "a test wants nothing", test.node.entries[0].key_place, hint)


def _values(section: Part) -> Iterator[Scalar]:
    for entry in section.node.entries:
        scalar = text_of(entry.value)
        if scalar is not None:
            yield scalar


def pricing(view: View) -> Iterator[Problem]:
    """A price of the file belongs to a declared model, which has one."""
    table, section = names_table(view), view.top.below("pricing")
    first: dict[str, int] = {}
    for entry in section.node.entries if section is not None else ():
        name = Scalar(entry.key, entry.key_place, is_plain=True, written=entry.key)
        problem, model = unresolved(view, table, name), resolved(table, name)
        if problem is not None:
            yield problem
        elif model is not None and model in first:
            reason = f"the model {quoted(entry.key)} already has a price"
            yield Problem("PL-C072", reason, entry.key_place, f"the first one is on line {first[model]}")
        elif model is not None:
            first[model] = entry.key_place.line


NAME_CHECKS = (
    unique_models,
    one_default,
    wildcard_names,
    aliases,
    router_models,
    rate_limits,
    price_names,
    pricing,
    tests,
)
