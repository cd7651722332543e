"""Cases as the finished router sees them: features, and whether the best route is the wanted one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from calibrate import Rows
from corpus import Case, Task
from numpy.typing import NDArray
from vectors import Vectors

from plano.domain.route import Route
from plano.intent.bank import Bank
from plano.intent.encoders.geometry import Floats, unit
from plano.intent.matching import RouteVectors, Space
from plano.intent.reading import read, repaired
from plano.intent.text import shown
from plano.intent.views import phrases, views
from plano.intent.wording.spelling import Speller

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
    rows = [vectors.encode(texts) for texts in asked]
    texts = np.stack([vectors.encode(each).mean(axis=0) for each in described])
    starts = np.cumsum([0, *(len(each) for each in rows)]).astype(np.int64)
    return Space(
        closings=unit(stored(vectors.encode(closings)).astype(np.float32)),
        bank=Bank.of(stored(texts).astype(np.float32), stored(np.concatenate(rows)), starts),
    )


def stored(rows: Floats) -> NDArray[np.int8]:
    """The rows in int8, each stretched to the whole range: only their directions count."""
    return np.rint(rows * (127 / np.abs(rows).max(axis=1, keepdims=True))).astype(np.int8)


def matched(cases: Iterable[Case], space: Space, vectors: Vectors, *, speller: Speller, facets: bool = True) -> Rows:
    """Every case with something to see. ``facets``: also the facets of a description, or only the whole of it."""
    known: dict[tuple[str, ...], RouteVectors] = {}

    def route(offered: Route, among: int) -> RouteVectors:
        texts = phrases(offered, among=among)[: None if facets else 1]
        if texts not in known:
            known[texts] = space.route(vectors.encode(texts), None)
        return known[texts]

    requests, features, right, routed, gaps = [], [], [], [], []
    for case in cases:
        names = [offered.name for offered in case.routes]
        said = views(shown(case.conversation), names)
        seen = space.read(read(repaired(said, speller), vectors), length=len(said[0]))
        match = space.match(seen, [route(offered, len(case.routes)) for offered in case.routes])
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
