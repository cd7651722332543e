"""Who is asked for a route, in which order: a conversation with two routers, written once for whoever leads it.

The embedded router answers in milliseconds and knows how sure it is. In a cascade a router model, which costs a call,
is asked only where it is unsure, and for no more than a share of the decisions.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from plano.domain.intent import Intent

Step = Literal["embedded", "model"]
Steps = Generator[Step, Intent, Intent]
"""Yields who is to be asked next, is sent what that one says, and returns the answer."""

BURST = 20.0
"""Escalations that may come at once: a share of one in five is kept over a hundred decisions, not over each five."""


@dataclass(frozen=True, slots=True)
class Band:
    """Probabilities of the best route, ``low`` <= p < ``high``, at which the embedded router is unsure."""

    low: float = 0.3
    high: float = 0.8

    def holds(self, intent: Intent) -> bool:
        """Is the embedded router unsure? Where it gave no scores it had nothing to read, and nobody else has."""
        best = max([score for _, score in intent.scores], default=None)
        return best is not None and self.low <= best < self.high


class Share:
    """A bound on how many decisions go to the model: ``most`` (0..1) of them, and ``BURST`` more.

    Each decision brings ``most`` of a token, an escalation takes one. No clock: what is bounded is a share.
    """

    __slots__ = ("_tokens", "most")

    def __init__(self, most: float) -> None:
        self.most = most
        self._tokens = BURST if most > 0 else 0.0

    def earn(self) -> None:
        """One decision more."""
        self._tokens = min(BURST, self._tokens + self.most)

    def take(self) -> bool:
        """May this decision go to the model? Then it is counted."""
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def give_back(self) -> None:
        """The model could not be asked after all."""
        self._tokens = min(BURST, self._tokens + 1.0)


class Cascade:
    """The embedded router first; the model where that is unsure, or in trouble, as far as ``share`` allows."""

    __slots__ = ("band", "share")

    def __init__(self, band: Band, share: Share) -> None:
        self.band = band
        self.share = share

    def steps(self) -> Steps:
        """One question: the model's word where it was asked and gave one, else the embedded router's."""
        own = yield "embedded"
        self.share.earn()
        if own.router == "ok" and not self.band.holds(own):
            return replace(own, escalation="not_needed")
        if not self.share.take():
            return replace(own, escalation="over_share")
        said = yield "model"
        if said.asked is None:
            self.share.give_back()
        known = replace(own, asked=said.asked, escalation="held_back" if said.asked is None else "asked")
        if said.router == "ok":
            return replace(known, route=said.route, router="ok", trouble=None)
        # The word of a router that is unsure is better than none, and is marked as such.
        return replace(known, router="degraded", trouble=own.trouble or said.trouble)


def embedded_alone() -> Steps:
    """The embedded router and nobody else."""
    return (yield "embedded")


def model_alone() -> Steps:
    """The router model and nobody else."""
    return (yield "model")
