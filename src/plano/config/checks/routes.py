"""Routes: unique names, declared models."""

from __future__ import annotations

from collections.abc import Iterator

from plano.config.checks.names import MAX_HINTS, names_table, resolved, unresolved
from plano.config.document import Scalar
from plano.config.findings import Problem
from plano.config.view import View, shown


def unique_routes(view: View) -> Iterator[Problem]:
    """No two routes have one name."""
    first: dict[str, int] = {}
    for route in view.top.parts("routing_preferences"):
        name = route.text("name")
        if name is None:
            continue
        if name.text in first:
            hint = f"first defined on line {first[name.text]}"
            yield Problem("PL-C051", f"duplicate route {shown(name)}", name.place, hint)
        first.setdefault(name.text, name.place.line)


def declared_models(view: View) -> Iterator[Problem]:
    """Every candidate stands for one declared model, once."""
    table = names_table(view)
    undeclared = 0
    for route in view.top.parts("routing_preferences"):
        mentions: dict[str, list[Scalar]] = {}
        for scalar in route.texts("models"):
            name = resolved(table, scalar)
            problem = unresolved(view, table, scalar, is_hinted=undeclared < MAX_HINTS)
            if problem is not None:
                undeclared += 1
                yield problem
            elif name is not None:
                mentions.setdefault(name, []).append(scalar)
        for first, *others in mentions.values():
            if others:
                reason = f"the model {shown(others[0])} already stands in this route"
                yield Problem("PL-C052", reason, others[0].place, f"first mentioned on line {first.place.line}")


ROUTE_CHECKS = (unique_routes, declared_models)
