"""What the caller wants, as far as the router can tell."""

from __future__ import annotations

from typing import Literal

import msgspec

from plano.domain.conversation import Conversation
from plano.domain.route import Route

RouterState = Literal["ok", "degraded", "skipped"]


class Question(msgspec.Struct, frozen=True):
    """What a classifier is asked: which of these routes does the conversation belong to?"""

    conversation: Conversation
    routes: tuple[Route, ...]


class Intent(msgspec.Struct, frozen=True):
    """A classifier's answer.

    ``route``: the name of the matched route, None when none fits. ``scores``: (route name, probability 0..1) in the
    order of the routes; empty when nothing was scored. ``threshold``: the probability a route must reach.
    ``margin``: best score minus the second best (minus 0 when there is one route), None when nothing was scored.
    ``text``: what the router was shown. ``router``: ``ok``; ``degraded`` when the router failed, was late or
    overloaded; ``skipped`` when it was not asked.
    """

    route: str | None
    scores: tuple[tuple[str, float], ...] = ()
    threshold: float | None = None
    margin: float | None = None
    text: str = ""
    router: RouterState = "ok"


SKIPPED = Intent(route=None, router="skipped")
DEGRADED = Intent(route=None, router="degraded")
