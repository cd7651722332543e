"""Routes: what a caller may want, in plain language, and who may serve it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Prefer = Literal["none", "cheapest", "fastest", "balanced"]
PREFER_VALUES: tuple[str, ...] = get_args(Prefer)


@dataclass(frozen=True, slots=True)
class SelectionPolicy:
    """How the models of a route are ranked.

    ``cost_weight`` and ``latency_weight`` (>= 0) count for ``balanced`` only. The two ceilings are never broken:
    ``max_usd_per_mtok`` limits input + output price, ``max_ttft_s`` the expected time to first token; None is no limit.
    """

    prefer: Prefer = "none"
    cost_weight: float = 0.5
    latency_weight: float = 0.5
    max_usd_per_mtok: float | None = None
    max_ttft_s: float | None = None


AUTHORS_ORDER = SelectionPolicy()


@dataclass(frozen=True, slots=True)
class Route:
    """A named intent and its candidate models.

    ``models`` are resolved model names in the author's order, at least one, no duplicates. ``examples`` are requests
    that belong to the route. ``buffers_streams``: see ``plano.domain.failover.Failover``, None for what is set there.
    """

    name: str
    description: str
    models: tuple[str, ...]
    policy: SelectionPolicy = AUTHORS_ORDER
    examples: tuple[str, ...] = ()
    buffers_streams: bool | None = None


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The routes offered to one request, in the author's order; names are unique. Empty: nothing is routed."""

    routes: tuple[Route, ...]

    def find(self, name: str) -> Route | None:
        """The route of that exact name."""
        for route in self.routes:
            if route.name == name:
                return route
        return None


NO_ROUTES = RouteTable(())
