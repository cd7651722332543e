"""Who serves a request, in which order, and why."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from plano.domain.intent import Intent
from plano.domain.model import Model
from plano.domain.route import Prefer
from plano.domain.session import Affinity
from plano.domain.snapshot import Pace, Quote

Unable = Literal["modality", "tools", "structured_output", "window"]
"""What a model cannot do that the request needs; ``window``: its context window is too small for the prompt."""

OverCeiling = Literal["over_max_usd_per_mtok", "over_max_ttft_s"]
Absent = Literal["held", "ejected"]
"""Why a model is not asked for a while: its provider said so, or it failed too often."""

Elsewhere = Literal["stored_elsewhere"]
"""The response that the request goes on from is kept by another provider."""

Reason = Absent | Unable | OverCeiling | Elsewhere
ABSENT: frozenset[str] = frozenset(get_args(Absent))


class Expected(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one request would cost and take at one model.

    ``input_tokens``: estimated; ``cached_tokens`` of them are expected to be read from the provider's cache, which they
    are only in a session that is warm there. ``output_tokens``: the mean of the route, None before it is learned; then
    ``usd`` and ``seconds`` (to the last token) are None as well. ``seconds`` is None for all candidates where one has
    no time per token, so that they are compared by the same number.
    """

    input_tokens: int
    output_tokens: int | None = None
    usd: float | None = None
    seconds: float | None = None
    cached_tokens: int = 0


class Candidate(msgspec.Struct, frozen=True):
    """A model that was considered.

    ``rank``: 1 is tried first; None when the model is left out. ``reason``: why it is left out, or why it is listed
    last. ``price``: what it costs. ``latency``: how fast it answers. ``free_in_s``: seconds until a held or ejected
    model may be tried, 0 when it is free. ``expected``: of this request.
    """

    model: Model
    rank: int | None
    reason: Reason | None = None
    price: Quote | None = None
    latency: Pace | None = None
    free_in_s: float = 0.0
    expected: Expected | None = None

    @property
    def is_absent(self) -> bool:
        """Would it do if it were well?"""
        return self.reason in ABSENT

    @property
    def cost(self) -> float | None:
        """What ``cheapest`` compares: the expected USD of the request, else the plain sum of both prices."""
        if self.expected is not None and self.expected.usd is not None:
            return self.expected.usd
        return None if self.price is None else self.price.value

    @property
    def time(self) -> float | None:
        """What ``fastest`` compares: the expected seconds of the answer, else those to its first token."""
        if self.expected is not None and self.expected.seconds is not None:
            return self.expected.seconds
        return None if self.latency is None else self.latency.value


class Decision(msgspec.Struct, frozen=True):
    """The ranked candidates of one request: at least one of them has a rank.

    ``route``: the matched route, None when none matched. ``candidates``: the ranked ones in order, then those left out.
    ``weights``: of cost and latency, for ``balanced`` only. ``lift``: where nobody could be chosen freely, the reason
    that keeps the most candidates back. ``is_exploration``: a model whose latency is not fresh goes first, to be
    measured again. ``affinity``: None where the request belongs to no session. ``buffers_streams``: what the route
    says of it.
    """

    route: str | None
    trace_id: str
    candidates: tuple[Candidate, ...]
    intent: Intent
    prefer: Prefer = "none"
    weights: tuple[float, float] | None = None
    lift: Reason | None = None
    is_exploration: bool = False
    affinity: Affinity | None = None
    buffers_streams: bool | None = None

    @property
    def ranked(self) -> tuple[Candidate, ...]:
        """The candidates to try, first one first."""
        if self.candidates[-1].rank is not None:
            return self.candidates
        return tuple([candidate for candidate in self.candidates if candidate.rank is not None])

    @property
    def models(self) -> tuple[str, ...]:
        """Their names: what the caller is told."""
        return tuple([candidate.model.name for candidate in self.candidates if candidate.rank is not None])

    def __str__(self) -> str:
        models = ", ".join(self.models)
        if self.affinity is not None and self.affinity.is_pinned:
            return f"{self.route or 'no route'} -> {models} [pinned] {self.trace_id}"
        if self.route is None:
            return f"no route -> {models} [{self.intent.router}] {self.trace_id}"
        intent = self.intent
        score = dict(intent.scores).get(self.route)
        shown = "" if score is None else f" ({score:.2f})"
        if intent.said_by is not None:
            shown = f" (said by {intent.said_by})"
        return f"{self.route}{shown} -> {models} [{self.prefer}] {self.trace_id}"
