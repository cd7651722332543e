"""Inline ``routing_preferences``: validated as strictly as the configured list, with the exact place of a mistake."""

from __future__ import annotations

import math
import sys
from typing import Any

from plano.domain.limits import (
    MAX_DESCRIPTION_BYTES,
    MAX_MODELS_PER_ROUTE,
    MAX_NAME_BYTES,
    MAX_PREFERENCES_BYTES,
    MAX_ROUTES,
)
from plano.domain.model import ModelTable
from plano.domain.route import AUTHORS_ORDER, PREFER_VALUES, Route, RouteTable, SelectionPolicy
from plano.errors import InvalidPreferences, ModelNotFound

ROOT = "routing_preferences"

_MOST_WEIGHT = 1e6
"""As in the configuration: the sum of two weights must stay a number."""


def parse_preferences(value: Any, raw: bytes, models: ModelTable) -> RouteTable:
    """The routes of an inline list, their models resolved.

    ``raw``: the bytes of the value, for the size limit. Raises InvalidPreferences; ``param`` is the exact place.
    """
    if len(raw) > MAX_PREFERENCES_BYTES:
        raise _wrong(ROOT, f"the list has {len(raw)} bytes, at most {MAX_PREFERENCES_BYTES} are accepted")
    if not isinstance(value, list):
        raise _wrong(ROOT, "must be a list of routes")
    if len(value) > MAX_ROUTES:
        raise _wrong(ROOT, f"has {len(value)} routes, at most {MAX_ROUTES} are accepted")
    routes: dict[str, Route] = {}
    for index, entry in enumerate(value):
        route = _route(entry, f"{ROOT}[{index}]", models)
        if route.name in routes:
            raise _wrong(f"{ROOT}[{index}].name", f"the name {_shown(route.name)} is used twice")
        routes[route.name] = route
    return RouteTable(tuple(routes.values()))


def _route(entry: Any, place: str, models: ModelTable) -> Route:
    if not isinstance(entry, dict):
        raise _wrong(place, "must be an object with name, description and models")
    return Route(
        name=_text(entry.get("name"), f"{place}.name", MAX_NAME_BYTES),
        description=_text(entry.get("description"), f"{place}.description", MAX_DESCRIPTION_BYTES),
        models=_models(entry.get("models"), f"{place}.models", models),
        policy=_policy(entry.get("selection_policy"), f"{place}.selection_policy"),
        examples=_examples(entry.get("examples"), f"{place}.examples"),
    )


def _text(value: Any, place: str, limit: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(place, "must be a string with text in it")
    if len(value.encode()) > limit:
        raise _wrong(place, f"has {len(value.encode())} bytes, at most {limit} are accepted")
    return value


def _models(value: Any, place: str, models: ModelTable) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _wrong(place, "must be a list of at least one model")
    if len(value) > MAX_MODELS_PER_ROUTE:
        raise _wrong(place, f"has {len(value)} models, at most {MAX_MODELS_PER_ROUTE} are accepted")
    resolved: dict[str, None] = {}
    for index, name in enumerate(value):
        here = f"{place}[{index}]"
        if not isinstance(name, str) or not name:
            raise _wrong(here, "must be the name of a model")
        if name == "auto":
            raise _wrong(here, "'auto' is not a model: name the candidates")
        try:
            resolved[models.resolve(name).name] = None
        except ModelNotFound as error:
            raise _wrong(here, error.message) from None
    return tuple(resolved)


def _policy(value: Any, place: str) -> SelectionPolicy:
    if value is None:
        return AUTHORS_ORDER
    if not isinstance(value, dict):
        raise _wrong(place, 'must be an object such as {"prefer": "cheapest"}')
    prefer: Any = value.get("prefer")
    if prefer is None or prefer == "":
        prefer = AUTHORS_ORDER.prefer
    if prefer not in PREFER_VALUES:
        raise _wrong(f"{place}.prefer", f"must be one of {', '.join(PREFER_VALUES)}")
    weights = value.get("weights")
    if weights is None:
        weights = {}
    if not isinstance(weights, dict):
        raise _wrong(f"{place}.weights", 'must be an object such as {"cost": 0.5, "latency": 0.5}')
    cost = _weight(weights.get("cost", weights.get("price")), f"{place}.weights.cost")
    latency = _weight(weights.get("latency"), f"{place}.weights.latency")
    if cost == latency == 0.0:
        raise _wrong(f"{place}.weights", "must not all be zero")
    return SelectionPolicy(
        prefer=prefer,
        cost_weight=cost,
        latency_weight=latency,
        max_usd_per_mtok=_ceiling(value.get("max_usd_per_mtok"), f"{place}.max_usd_per_mtok"),
        max_ttft_s=_ceiling(value.get("max_ttft_s"), f"{place}.max_ttft_s"),
    )


def _examples(value: Any, place: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _wrong(place, "must be a list of example requests")
    return tuple(_text(example, f"{place}[{index}]", MAX_DESCRIPTION_BYTES) for index, example in enumerate(value))


def _weight(value: Any, place: str) -> float:
    wanted = f"a number of at least 0 and at most {_MOST_WEIGHT:g}"
    return 0.5 if value is None else _number(value, place, wanted, 0.0, most=_MOST_WEIGHT)


def _ceiling(value: Any, place: str) -> float | None:
    return None if value is None else _number(value, place, "a number above 0", math.ulp(0.0))


def _number(value: Any, place: str, wanted: str, least: float, *, most: float = sys.float_info.max) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _wrong(place, f"must be {wanted}")
    return float(value)


def _shown(name: str) -> str:
    return repr(name if len(name) <= 64 else name[:64] + "…")


def _wrong(place: str, said: str) -> InvalidPreferences:
    return InvalidPreferences(f"{place}: {said}", param=place)
