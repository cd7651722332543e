"""A warm episode of a session: what its model keeps of the prompt, and what was spent on leaving it."""

from __future__ import annotations

from typing import Literal

import msgspec

MAX_VISITS = 8

SwitchReason = Literal["same_anchor", "no_pricing", "free", "within_cap", "over_cap"]
"""Why a warm session may leave its model, or (the last) may not."""


class Visit(msgspec.Struct, frozen=True):
    """A model that served the session. ``used_at``: seconds since the epoch. ``tokens``: of the prompt it read."""

    model: str
    used_at: float
    tokens: int


class Episode(msgspec.Struct, frozen=True):
    """The account of a session since it was cold last; all amounts in USD.

    ``began_on``: the model that staying would have meant. ``tokens``: of the last prompt, 0 before one was counted.
    ``baseline_usd``: what reading the prompt from that model's cache has cost, or would have. ``spend_usd``: on
    switches, beyond that. ``visits``: the latest models, the last one at the end. ``prefix``: of the prompt, system
    texts and tools, as a digest; None where nobody looked.
    """

    began_on: str
    tokens: int = 0
    baseline_usd: float = 0.0
    spend_usd: float = 0.0
    switches: int = 0
    visits: tuple[Visit, ...] = ()
    prefix: str | None = None

    def visited(self, model: str, tokens: int, now: float) -> Episode:
        """After an answer of ``model`` to a prompt of ``tokens``; the model unused for longest is forgotten."""
        others = tuple([each for each in self.visits if each.model != model])
        kept = (*others, Visit(model, now, tokens))[-MAX_VISITS:]
        return msgspec.structs.replace(self, tokens=tokens, visits=kept)


class Switch(msgspec.Struct, frozen=True):
    """What was made of the router's wish in a warm session. ``wanted``, ``route``: the model and route it chose.

    ``ceiling_usd``: what the session may spend on switches in all. ``cost_usd``: of this one, None where a price is
    missing or nothing was to be switched.
    """

    reason: SwitchReason
    wanted: str
    route: str | None
    ceiling_usd: float
    cost_usd: float | None = None

    @property
    def is_retained(self) -> bool:
        """Did the session stay although another model was chosen?"""
        return self.reason == "over_cap"
