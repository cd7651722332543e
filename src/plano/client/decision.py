"""A decision as the client sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class RoutingDecision(Mapping[str, Any]):
    """The answer of a gateway: ``decision["models"]`` and ``decision.models`` are the same.

    Members that this version does not know are kept: ``decision["session_id"]``.
    """

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = dict(members)

    @property
    def models(self) -> list[str]:
        """Ranked model names: use the first, go to the next on 429 or 5xx. Never empty."""
        return list(self._members["models"])

    @property
    def route(self) -> str | None:
        """The matched route; None: use the request's own model."""
        route = self._members["route"]
        return None if route is None else str(route)

    @property
    def trace_id(self) -> str:
        """32 hex digits that name this decision in logs and traces."""
        return str(self._members["trace_id"])

    @property
    def explanation(self) -> Mapping[str, Any] | None:
        """Scores, candidates and reasons, when asked for with ``explain=True``."""
        return self._members.get("explanation")

    def __getitem__(self, key: str) -> Any:
        return self._members[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return f"RoutingDecision({self._members!r})"

    def __str__(self) -> str:
        return f"{self.route or 'no route'} -> {', '.join(self.models)} {self.trace_id}"
