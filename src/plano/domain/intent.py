"""What the caller wants, as far as the router can tell."""

from __future__ import annotations

from typing import Literal

import msgspec

from plano.domain.conversation import Conversation
from plano.domain.route import Route
from plano.domain.usage import Usage

RouterState = Literal["ok", "degraded", "skipped"]

Escalation = Literal["not_needed", "asked", "over_share", "held_back"]
"""What a cascade did: the embedded router was sure; the model was asked; it would have been, but too often; it would
have been, but is held, ejected or busy.
"""

Unasked = Literal["routing_off", "no_routes", "no_user_turn"]
"""Why a router has nothing to say: the caller switched it off, there is nothing to choose from, or nobody speaks."""

RouterDialect = Literal["plano-orchestrator", "arch-router"]
"""The form of the prompt that a router model reads, and of its answer: the newer one, and the older one."""

PLACEHOLDERS = ("{routes}", "{conversation}")
"""What the words of a prompt must hold, each at least once."""


class Question(msgspec.Struct, frozen=True):
    """What a classifier is asked: which of these routes does the conversation belong to?"""

    conversation: Conversation
    routes: tuple[Route, ...]


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """A router model was asked. ``seconds``: until its answer was read. ``ending``: ``answered``, or why not.

    ``usage``: the tokens it counted, None where it did not say.
    """

    model: str
    seconds: float
    ending: str
    usage: Usage | None = None


class Intent(msgspec.Struct, frozen=True):
    """A router's answer.

    ``route``: the name of the matched route, None when none fits. ``scores``: (route name, probability 0..1) in the
    order of the routes; empty when nothing was scored. ``threshold``: the probability a route must reach.
    ``margin``: best score minus the second best (minus 0 when there is one route), None when nothing was scored.
    ``text``: what the router was shown. ``router``: ``ok``; ``degraded`` when the router failed, was late or
    overloaded; ``skipped`` when it was not asked. ``trouble``: why it is degraded, one word. ``asked``: the router
    model that was, None when none was; with its ending ``answered`` the route is its word, and the scores, if any, are
    those of the embedded router, which was unsure. ``escalation``: of a cascade only. ``unasked``: why it is skipped,
    None where a session decided instead.
    """

    route: str | None
    scores: tuple[tuple[str, float], ...] = ()
    threshold: float | None = None
    margin: float | None = None
    text: str = ""
    router: RouterState = "ok"
    trouble: str | None = None
    asked: Asked | None = None
    escalation: Escalation | None = None
    unasked: Unasked | None = None

    @property
    def said_by(self) -> str | None:
        """The router model whose word the route is, None where the embedded router decided, or nobody."""
        return self.asked.model if self.asked is not None and self.asked.ending == "answered" else None


SKIPPED = Intent(route=None, router="skipped")
ROUTING_OFF = Intent(route=None, router="skipped", unasked="routing_off")
NO_ROUTES = Intent(route=None, router="skipped", unasked="no_routes")
NO_USER_TURN = Intent(route=None, router="skipped", unasked="no_user_turn")


def degraded(trouble: str) -> Intent:
    """No route, because the router is in trouble."""
    return Intent(route=None, router="degraded", trouble=trouble)
