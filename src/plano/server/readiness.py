"""Able to serve? With reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from plano.wire import json_guard


@dataclass(slots=True)
class Readiness:
    """``notes``: what an operator should know though it does not hinder serving (``no_admin_listener``, …).

    ``passing``: asked for further ones, that come and go.
    """

    is_router_loaded: bool = False
    is_draining: bool = False
    notes: list[str] = field(default_factory=list)
    passing: Callable[[], list[str]] = list

    @property
    def reasons(self) -> list[str]:
        """Why requests cannot be served now; empty when they can."""
        reasons = [] if self.is_router_loaded else ["router_not_loaded"]
        return [*reasons, "draining"] if self.is_draining else reasons

    @property
    def is_ready(self) -> bool:
        """Can requests be served?"""
        return not self.reasons

    @property
    def told(self) -> list[str]:
        """Every note that holds now."""
        return [*self.notes, *self.passing()]

    def render(self) -> bytes:
        """The body of ``/readyz``."""
        return json_guard.dumps({"ready": self.is_ready, "reasons": self.reasons, "notes": self.told})
