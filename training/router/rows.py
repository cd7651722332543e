"""Cases as the finished router sees them: features, and whether the best route is the wanted one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from calibrate import Rows
from corpus import Case, Task
from numpy.typing import NDArray
from vectors import Vectors

from plano.domain.route import Route
from plano.intent.bank import Bank
from plano.intent.comparing import Comparer
from plano.intent.demands import without_demands
from plano.intent.geometry import Floats, unit
from plano.intent.matching import Match, RouteVectors, Space, Views
from plano.intent.spelling import Speller
from plano.intent.text import shown
from plano.intent.views import phrases, views

BANK_DESCRIPTIONS, BANK_REQUESTS = 3, 6


def bank_space(tasks: Sequence[Task], vectors: Vectors, closings: Sequence[str]) -> Space:
    """The space of a trained encoder: a bank row per task is the mean of some of its texts."""
    described = [
        [
            f"{task.names[place % len(task.names)]}: {text}"
            for place, text in enumerate(task.descriptions[:BANK_DESCRIPTIONS])
        ]
        for task in tasks
    ]
    asked = [
        [text[:400] for text in (*task.basics, *task.queries)][: len(task.basics) + BANK_REQUESTS] for task in tasks
    ]
    rows = [vectors(texts) for texts in asked]
    texts = np.stack([vectors(each).mean(axis=0) for each in described])
    starts = np.cumsum([0, *(len(each) for each in rows)]).astype(np.int64)
    return Space(
        closings=unit(stored(vectors(closings)).astype(np.float32)),
        bank=Bank.of(stored(texts).astype(np.float32), stored(np.concatenate(rows)), starts),
    )


def stored(rows: Floats) -> NDArray[np.int8]:
    """The rows in int8, each stretched to the whole range: only their directions count."""
    return np.rint(rows * (127 / np.abs(rows).max(axis=1, keepdims=True))).astype(np.int8)


@dataclass(frozen=True, slots=True)
class Matcher:
    """What the finished router matches with. ``comparer``: None in a router without a second look.

    ``facets``: are the facets of a description read too, or only the whole of it.
    """

    space: Space
    vectors: Vectors
    speller: Speller
    comparer: Comparer | None = None
    facets: bool = True

    def route(self, texts: Sequence[str]) -> RouteVectors:
        """A route from its phrases, the whole first."""
        return self.space.route(self.vectors(texts), None, states=self.vectors.read(texts[0]).states)

    def match(self, said: Sequence[str], routes: Sequence[RouteVectors]) -> Match:
        """The match of the views of a conversation."""
        match = self.space.match(Views(self.vectors(said), length=len(said[0])), routes)
        if self.comparer is None:
            return match
        states = self.vectors.read(said[-1]).states
        return self.comparer.look(match, states, routes, last=self.vectors.tokens(said[0]))


def matched(cases: Iterable[Case], matcher: Matcher) -> Rows:
    """Every case with something to see."""
    known: dict[tuple[str, ...], RouteVectors] = {}

    def route(offered: Route, among: int) -> RouteVectors:
        texts = phrases(offered, among=among)[: None if matcher.facets else 1]
        if texts not in known:
            known[texts] = matcher.route(texts)
        return known[texts]

    requests, features, right, routed, gaps = [], [], [], [], []
    for case in cases:
        texts = views(shown(case.conversation))
        names = [offered.name for offered in case.routes]
        said = [matcher.speller.corrected(without_demands(text, names)) for text in texts]
        match = matcher.match(said, [route(offered, len(case.routes)) for offered in case.routes])
        best = max(match.scores)
        requests.append(case.request)
        features.append(match.features)
        right.append(names[match.scores.index(best)] == case.wanted)
        routed.append(case.wanted is not None)
        wanted = None if case.wanted is None else match.scores[names.index(case.wanted)]
        gaps.append(None if wanted is None else (wanted - best, *_others(match.scores, wanted, best)))
    return Rows(tuple(requests), np.array(features), np.array(right), np.array(routed), tuple(gaps))


def _others(scores: Sequence[float], wanted: float, best: float) -> list[float]:
    rest = list(scores)
    rest.remove(wanted)
    return [score - best for score in rest]
