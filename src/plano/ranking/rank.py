"""From models to ranked candidates."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from plano.domain.decision import Candidate
from plano.domain.model import Model, ModelTable
from plano.domain.route import AUTHORS_ORDER, Route, SelectionPolicy
from plano.domain.snapshot import Snapshot
from plano.ranking.score import in_order
from plano.ranking.shortlist import assess

REMEMBERED = 1_024

_CEILINGS = ("over_max_usd_per_mtok", "over_max_ttft_s")


def rank(models: Iterable[Model], policy: SelectionPolicy, snapshot: Snapshot, *, own: Model) -> tuple[Candidate, ...]:
    """The models of a route: the ranked ones in order, then those left out.

    Ceilings are never broken: when they exclude everyone, the request's own model (``own``) is the one candidate. When
    only promises to providers are in the way, all held models stay listed, the one that is free first in front.
    """
    assessed = assess(models, policy, snapshot)
    affordable = tuple(candidate for candidate in assessed if candidate.reason not in _CEILINGS)
    too_much = tuple(candidate for candidate in assessed if candidate.reason in _CEILINGS)
    if not affordable:
        fallback = rank((own,), AUTHORS_ORDER, snapshot, own=own)
        left_out = tuple(candidate for candidate in too_much if candidate.model.name != own.name)
        return fallback + left_out
    free = tuple(candidate for candidate in affordable if candidate.reason is None)
    held = tuple(candidate for candidate in affordable if candidate.reason is not None)
    if free:
        return _numbered(in_order(free, policy)) + held + too_much
    patient = sorted(in_order(held, policy), key=lambda candidate: candidate.free_in_s)
    return _numbered(patient) + too_much


class Rankings:
    """Rankings of routes, remembered as long as the photograph is the same one: they depend on nothing else.

    Routes and models are known again by identity; both are frozen.
    """

    def __init__(self, models: ModelTable) -> None:
        self._models = models
        self._snapshot: Snapshot | None = None
        self._known: dict[int, tuple[Route | Model, tuple[Candidate, ...]]] = {}

    def of(self, route: Route | None, snapshot: Snapshot, *, own: Model) -> tuple[Candidate, ...]:
        """The candidates of ``route``; of no route, the request's own model. Raises ModelNotFound."""
        if snapshot is not self._snapshot or len(self._known) >= REMEMBERED:
            self._snapshot = snapshot
            self._known.clear()
        asked = own if route is None else route
        known = self._known.get(id(asked))
        if known is not None and known[0] is asked:
            return known[1]
        policy = AUTHORS_ORDER if route is None else route.policy
        pool = [own] if route is None else [self._models.resolve(name) for name in route.models]
        ranked = rank(pool, policy, snapshot, own=own)
        if policy.max_usd_per_mtok is None and policy.max_ttft_s is None:
            # Where a ceiling may leave nobody, the answer depends on whose request it is.
            self._known[id(asked)] = asked, ranked
        return ranked


def _numbered(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple([replace(candidate, rank=place) for place, candidate in enumerate(candidates, start=1)])
