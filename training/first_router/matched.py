"""Labelled cases as the router sees them, and as a plain comparison of sentence vectors sees them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from calibrate import Plain, Rows
from vectors import Vectors

from plano.domain.route import Route
from plano.evaluate.cases import LabelledCase
from plano.intent.matching import RouteVectors, Space, Views
from plano.intent.text import shown
from plano.intent.views import phrases, views


def matched(cases: Sequence[LabelledCase], space: Space, vectors: Vectors) -> Rows:
    """Every case as the router would see it."""
    known: dict[tuple[str, ...], RouteVectors] = {}

    def route(offered: Route, among: int) -> RouteVectors:
        texts = phrases(offered, among=among)
        if texts not in known:
            known[texts] = space.route(vectors(texts), None)
        return known[texts]

    requests, features, answers, right, gaps = [], [], [], [], []
    for case in cases:
        texts = views(shown(case.question.conversation))
        offered = case.question.routes
        seen = Views(space.requests(vectors(texts)), length=len(texts[0]))
        match = space.match(seen, [route(one, len(offered)) for one in offered])
        names = [one.name for one in offered]
        best = max(match.scores)
        answer = names[match.scores.index(best)]
        requests.append(case.question.conversation.turns[-1].text)
        features.append(match.features)
        answers.append(answer)
        right.append(answer == case.wanted)
        gaps.append(None if case.wanted is None else _gaps(match.scores, names.index(case.wanted)))
    routed = np.array([case.wanted is not None for case in cases])
    return Rows(tuple(requests), np.array(features), tuple(answers), np.array(right), routed, tuple(gaps))


def plain(cases: Sequence[LabelledCase], vectors: Vectors) -> Plain:
    """Every case by the cosine of all user turns, newest first, and ``name: description``."""
    answers, cosines = [], []
    for case in cases:
        texts = views(shown(case.question.conversation))
        routes = vectors([f"{route.name}: {route.description}" for route in case.question.routes])
        likeness = routes @ vectors(texts[-1:])[0]
        best = int(np.argmax(likeness))
        answers.append(case.question.routes[best].name)
        cosines.append(float(likeness[best]))
    return Plain(tuple(answers), np.array(cosines))


def _gaps(scores: Sequence[float], wanted: int) -> tuple[float, ...]:
    best = max(scores)
    others = (score - best for place, score in enumerate(scores) if place != wanted)
    return (scores[wanted] - best, *others)
