"""From models to ranked candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import get_args

import msgspec

from plano.domain.catalog import Modality
from plano.domain.decision import Candidate, OverCeiling, Reason, Unable
from plano.domain.model import Model, ModelTable
from plano.domain.request import NO_NEEDS, Needs
from plano.domain.route import AUTHORS_ORDER, Route, SelectionPolicy
from plano.domain.snapshot import Snapshot
from plano.ranking.estimate import rounded_up
from plano.ranking.explore import chosen, put_first, unmeasured
from plano.ranking.score import in_order
from plano.ranking.shortlist import assess

REMEMBERED = 1_024
EXPLORATION = 0.02

_TEXT_ALONE: tuple[tuple[Modality, ...], int, bool, bool] = ((), 0, False, False)
"""What a plain request needs beside room for its words: media, parts of them, tools, structured output."""

_CEILINGS = frozenset(get_args(OverCeiling))
_UNABLE = frozenset(get_args(Unable))


class Ranking(msgspec.Struct, frozen=True):
    """The candidates of a request: the ranked ones in order, then those left out.

    ``lift``: where no model of the route is free of a reason, the reason that keeps the most of them back.
    ``is_exploration``: a model whose latency is not fresh was put first.
    """

    candidates: tuple[Candidate, ...]
    lift: Reason | None = None
    is_exploration: bool = False


def rank(
    models: Iterable[Model],
    policy: SelectionPolicy,
    snapshot: Snapshot,
    *,
    own: Model,
    needs: Needs = NO_NEEDS,
    route: str | None = None,
) -> Ranking:
    """The ranking of the models of a route.

    Ceilings are never broken: when they exclude everyone, the request's own model (``own``) is the one candidate. When
    nobody can serve the request as far as is known, all stay listed in the author's order, as a last resort. When only
    health is in the way, all stay listed: those that failed too often in the author's order, as they are tried as a
    last resort; then those that their providers keep, the one that is free first in front.
    """
    assessed = assess(models, policy, snapshot, needs, route=route)
    free = [each for each in assessed if each.reason is None]
    if len(free) == len(assessed) and free:
        return Ranking(_numbered(in_order(free, policy)))
    held = [each for each in assessed if each.is_absent]
    unable = [each for each in assessed if each.reason in _UNABLE]
    too_much = [each for each in assessed if each.reason in _CEILINGS]
    if free:
        return Ranking((*_numbered(in_order(free, policy)), *held, *unable, *too_much))
    lift = Counter([each.reason for each in assessed]).most_common(1)[0][0]
    if held:
        patient = sorted(in_order(held, policy), key=lambda each: each.free_in_s if each.reason == "held" else 0.0)
        return Ranking((*_numbered(patient), *unable, *too_much), lift)
    if unable:
        return Ranking((*_numbered(unable), *too_much), lift)
    (fallback,) = assess((own,), AUTHORS_ORDER, snapshot, needs)
    left_out = [each for each in too_much if each.model.name != own.name]
    return Ranking((*_numbered([fallback]), *left_out), lift)


class _Known(msgspec.Struct, frozen=True):
    """A ranking, what it was asked for, and the places that may be explored."""

    asked: Route | Model
    ranking: Ranking
    unmeasured: tuple[int, ...]


class Rankings:
    """Rankings of routes, remembered as long as the photograph is the same one: they depend on nothing else.

    Routes and models are known again by identity; both are frozen. Requests of about one size and the same needs are
    alike. ``exploration``: the share of requests (0..1) that measure a model whose latency is not fresh.
    """

    def __init__(self, models: ModelTable, *, exploration: float = EXPLORATION) -> None:
        self._models = models
        self._exploration = exploration
        self._snapshot: Snapshot | None = None
        self._known: dict[tuple[object, ...], _Known] = {}

    def of(
        self, route: Route | None, snapshot: Snapshot, *, own: Model, needs: Needs = NO_NEEDS, trace_id: str = ""
    ) -> Ranking:
        """The candidates of ``route``; of no route, the request's own model. Raises ModelNotFound."""
        if snapshot is not self._snapshot or len(self._known) >= REMEMBERED:
            self._snapshot = snapshot
            self._known.clear()
        asked = own if route is None else route
        # Where a ceiling may leave nobody, the answer depends on whose request it is.
        fallback = id(own) if route is not None and _may_leave_nobody(route) else 0
        size, limit, features = rounded_up(needs.prompt_bytes), needs.max_output_tokens, _TEXT_ALONE
        if needs.media or needs.tools or needs.structured_output:
            features = needs.media, needs.media_parts, needs.tools, needs.structured_output
        key = id(asked), fallback, size, limit, features
        known = self._known.get(key)
        if known is None or known.asked is not asked:
            known = self._known[key] = self._ranked(route, snapshot, own, Needs(size, *features, limit))
        if known.unmeasured and snapshot.explores and trace_id:
            place = chosen(trace_id, known.unmeasured, self._exploration)
            if place is not None:
                return _explored(known.ranking, place)
        return known.ranking

    def _ranked(self, route: Route | None, snapshot: Snapshot, own: Model, needs: Needs) -> _Known:
        if route is None:
            return _Known(own, rank((own,), AUTHORS_ORDER, snapshot, own=own, needs=needs), ())
        pool = [self._models.resolve(name) for name in route.models]
        found = rank(pool, route.policy, snapshot, own=own, needs=needs, route=route.name)
        free = [each for each in found.candidates if each.rank is not None and each.reason is None]
        return _Known(route, found, unmeasured(free, route.policy))


def _may_leave_nobody(route: Route) -> bool:
    return route.policy.max_usd_per_mtok is not None or route.policy.max_ttft_s is not None


def _explored(ranking: Ranking, place: int) -> Ranking:
    ranked = [each for each in ranking.candidates if each.rank is not None]
    left_out = [each for each in ranking.candidates if each.rank is None]
    return Ranking((*put_first(ranked, place), *left_out), ranking.lift, is_exploration=True)


def _numbered(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    # Not ``replace``, which takes four times as long.
    return tuple(
        [
            Candidate(one.model, place, one.reason, one.price, one.latency, one.free_in_s, one.expected)
            for place, one in enumerate(candidates, start=1)
        ]
    )
