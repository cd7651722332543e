"""How well a conversation fits each route, and how much speaks for none: numbers from vectors, nothing else.

A sentence encoder alone puts "write a sorting algorithm" far from "generating new code snippets". Its training brings
them nearer, and the bank leads from the one to the other.

Shapes: d dimensions; v views of a conversation (the last turn, and the last turn with what led to it); f facets of a
route; b tasks in the bank. Every vector has length 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plano.intent.encoders.geometry import dots, unit

if TYPE_CHECKING:
    from plano.intent.bank import Bank
    from plano.intent.encoders.geometry import Floats

FEATURES = ("direct", "nearby", "margin", "bank_best", "length", "is_followup", "farewell")
"""What the decision for none looks at, in this order; ``Space.match`` says what each one means."""

_NEARBY_WEIGHT = 0.4
_MARGIN_CAP = 0.15
_STRANGERS_STEP = 8
_CHOICE_HANDICAP = 0.06
_EXCLUDED_HANDICAP = 0.05
_FAREWELL = 0.45
_IN_COMMON = 0.08
_SHORT, _LONG = 10, 80
_LEAST_WEIGHT, _MOST_WEIGHT = 0.25, 0.75


@dataclass(frozen=True, slots=True)
class RouteVectors:
    """One route: ``facets`` (f, d), the first one its whole description; ``likeness`` (b,) to the bank's descriptions.

    ``examples`` (any, d): requests that belong to it; ``handicap``: taken off their cosines. ``excluded`` (any, d):
    what it says that it is not for. ``unlike``: the mean of ``likeness``.
    """

    facets: Floats
    examples: Floats
    excluded: Floats
    handicap: float
    likeness: Floats
    unlike: float


@dataclass(frozen=True, slots=True)
class Views:
    """One conversation: ``vectors`` (v, d), v 1 or 2; ``length``: characters of the last turn.

    ``is_closing``: is it known by its words that the last turn ends the conversation?
    """

    vectors: Floats
    length: int
    is_closing: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """``scores``: one per route, about -1..2, in the order of the routes. ``features``: in the order of FEATURES."""

    scores: tuple[float, ...]
    features: tuple[float, ...]

    @property
    def is_farewell(self) -> bool:
        """Is the last turn like the end of a conversation?"""
        return self.features[-1] > 0.0


@dataclass(frozen=True, slots=True)
class Space:
    """What conversations and routes are compared in. ``closings`` (any, d): ways to end a conversation."""

    closings: Floats
    bank: Bank

    def read(self, vectors: Sequence[Floats], *, length: int, is_closing: bool = False) -> Views:
        """A conversation from the encoder's vectors of its views, and the characters of its last turn."""
        return Views(np.stack(vectors), length, is_closing)

    def route(
        self,
        descriptions: Floats,
        examples: Floats | None,
        *,
        meant: Floats | None = None,
        excluded: Floats | None = None,
        known_by: Floats | None = None,
    ) -> RouteVectors:
        """A route from the encoder's vectors of its description (whole first, then facets) and of its examples.

        ``known_by`` (1, d): compared with the bank instead of the whole description, which is not English.

        ``meant`` (any, d): what a route for nothing in particular means; each counts as a facet, and for the bank as a
        description of the whole.

        Requests are more like each other than like a description. So the examples take a handicap: as much as strangers
        are more like them, and 0.06 for the choice among many, without which the recall of none falls by three points.
        """
        wholes = descriptions[:1] if known_by is None else known_by
        if meant is not None:
            wholes, descriptions = np.concatenate((wholes, meant)), np.concatenate((descriptions, meant))
        likeness = dots(self.bank.texts, wholes).max(axis=1)
        if excluded is None:
            excluded = descriptions[:0]
        if examples is None:
            return RouteVectors(descriptions, descriptions[:0], excluded, 0.0, likeness, float(likeness.mean()))
        strangers = unit(self.bank.requests[::_STRANGERS_STEP].astype(np.float32))
        lead = _exceeded(dots(examples, strangers).max(axis=0)) - _exceeded(_described(descriptions, strangers))
        handicap = max(lead, 0.0) + _CHOICE_HANDICAP
        return RouteVectors(descriptions, examples, excluded, handicap, likeness, float(likeness.mean()))

    def match(self, views: Views, routes: Sequence[RouteVectors], in_common: Sequence[float] | None = None) -> Match:
        """Scores and features. The order of the routes changes nothing but the order of the scores.

        A score is the mean of the cosines of the whole description and of its best facet, or the best cosine of an
        example where that is higher, plus 0.4 of the likeness to the bank's tasks nearby; the shorter the last turn,
        the more the turns before it count. ``in_common``: by route, how many words it shares with the last turn, 0..1:
        so much times 0.08 is added to the cosine. Features: ``direct`` and ``nearby``, these two parts of the best
        route's score; ``margin``: its lead over the second, capped; ``bank_best``: the best cosine of a description
        of the bank's likeliest tasks; ``length``: log of the characters; ``is_followup``: are there two views;
        ``farewell``: likeness to the end of a conversation beyond 0.45, which a mere "yes please" has too; 0 at its
        beginning.
        """
        weights = _weights(views)
        likeliest = self.bank.likeliest(views.vectors, weights)
        tasks, shares = self.bank.nearby(likeliest, views.vectors, weights)
        words = in_common or [0.0] * len(routes)
        direct = [_direct(one, views, weights) + _IN_COMMON * more for one, more in zip(routes, words, strict=True)]
        nearby = [float(route.likeness[tasks] @ shares) - route.unlike for route in routes]
        scores = [near + _NEARBY_WEIGHT * far for near, far in zip(direct, nearby, strict=True)]
        order = sorted(scores, reverse=True)
        best = scores.index(order[0])
        is_followup = len(views.vectors) > 1
        features = (
            direct[best],
            nearby[best],
            min(order[0] - order[1], _MARGIN_CAP) if len(order) > 1 else _MARGIN_CAP,
            float((dots(self.bank.texts[likeliest], views.vectors) @ weights).max()),
            float(np.log1p(views.length)),
            float(is_followup),
            self._farewell(views) if is_followup else 0.0,
        )
        return Match(tuple(scores), features)

    def _farewell(self, views: Views) -> float:
        """How like a farewell the last turn is, beyond what "yes please" is; in full where its words say so."""
        likeness = 1.0 if views.is_closing else float(dots(self.closings, views.vectors[:1]).max())
        return max(likeness - _FAREWELL, 0.0)


def _exceeded(cosines: Floats) -> float:
    """What one in twenty of the cosines exceeds."""
    return float(np.quantile(cosines, 0.95))


def _described(facets: Floats, views: Floats) -> Floats:
    """For each view (v,) the mean of its cosines with the whole description and with the best facet.

    The best alone was measured to be worse, by one to five points of the right route first on most sources: one facet
    of a broad description is soon like anything.
    """
    cosines = dots(facets, views)
    mean: Floats = (cosines[0] + cosines.max(axis=0)) / 2
    return mean


def _direct(route: RouteVectors, views: Views, weights: Floats) -> float:
    """How like the description or an example is, averaged over the views.

    Where what the route excludes is more like it, by more than 0.05, the rest of the lead is taken off. Without the
    0.05 a route loses requests of its own that its author had no thought of excluding.
    """
    likeness = _described(route.facets, views.vectors)
    if len(route.examples):
        likeness = np.maximum(likeness, dots(route.examples, views.vectors).max(axis=0) - route.handicap)
    direct = float(likeness @ weights)
    if len(route.excluded):
        lead = float(dots(route.excluded, views.vectors).max(axis=0) @ weights) - direct - _EXCLUDED_HANDICAP
        direct -= max(lead, 0.0)
    return direct


def _weights(views: Views) -> Floats:
    """How much each view counts: a last turn of few characters says little without the turns before it."""
    if len(views.vectors) == 1:
        return np.ones(1, dtype=np.float32)
    share = min(max((views.length - _SHORT) / (_LONG - _SHORT), 0.0), 1.0)
    last = _LEAST_WEIGHT + (_MOST_WEIGHT - _LEAST_WEIGHT) * share
    return np.array((last, 1.0 - last), dtype=np.float32)
