"""Who serves a request, in which order, and why."""

from __future__ import annotations

from typing import Literal

import msgspec

from plano.domain.intent import Intent
from plano.domain.model import Model
from plano.domain.route import Prefer
from plano.domain.snapshot import Reading

Reason = Literal["held", "ejected", "over_max_usd_per_mtok", "over_max_ttft_s"]


class Candidate(msgspec.Struct, frozen=True):
    """A model that was considered.

    ``rank``: 1 is tried first; None when the model is left out. ``reason``: why it is left out, or why it is listed
    last. ``price``: USD per million tokens, input + output. ``latency``: seconds to the first token. ``free_in_s``:
    seconds until a held or ejected model may be tried, 0 when it is free.
    """

    model: Model
    rank: int | None
    reason: Reason | None = None
    price: Reading | None = None
    latency: Reading | None = None
    free_in_s: float = 0.0


class Decision(msgspec.Struct, frozen=True):
    """The ranked candidates of one request: at least one of them has a rank.

    ``route``: the matched route, None when none matched. ``candidates``: the
    ranked ones in order, then those left out.
    """

    route: str | None
    trace_id: str
    candidates: tuple[Candidate, ...]
    intent: Intent
    prefer: Prefer = "none"

    @property
    def ranked(self) -> tuple[Candidate, ...]:
        """The candidates to try, first one first."""
        return tuple([candidate for candidate in self.candidates if candidate.rank is not None])

    @property
    def models(self) -> tuple[str, ...]:
        """Their names: what the caller is told."""
        return tuple([candidate.model.name for candidate in self.candidates if candidate.rank is not None])

    def __str__(self) -> str:
        models = ", ".join(self.models)
        if self.route is None:
            return f"no route -> {models} [{self.intent.router}] {self.trace_id}"
        score = dict(self.intent.scores).get(self.route)
        shown = "" if score is None else f" ({score:.2f})"
        return f"{self.route}{shown} -> {models} [{self.prefer}] {self.trace_id}"
