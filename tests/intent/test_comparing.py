"""The second look reorders the best few, and only them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from plano.intent.comparing import FEATURES, LOOKED_AT, Comparer
from plano.intent.matching import Match, RouteVectors

D = 4
WEIGHT = 0.1


class Scripted:
    """A layer whose logit is the first number of the route's first token; it keeps what it was fed."""

    def __init__(self) -> None:
        self.fed: list[dict[str, NDArray[np.generic]]] = []

    def run(self, outputs: None, fed: dict[str, NDArray[np.generic]], /) -> Sequence[NDArray[np.float32]]:
        """The scripted logit."""
        assert outputs is None
        self.fed.append(fed)
        place = int(np.argmax(fed["segments"][0] == 2))
        return [fed["states"][0, place, :1].astype(np.float32)]


def route(logit: float, *, tokens: int = 2) -> RouteVectors:
    """A route that the scripted layer gives this logit."""
    nothing = np.zeros((1, D), np.float32)
    return RouteVectors(nothing, nothing[:, 0], nothing[0], 0.0, np.full((tokens, D), logit, np.float16))


def said(tokens: int) -> NDArray[np.float16]:
    """What a conversation of so many tokens looks like."""
    return np.zeros((tokens, D), np.float16)


def looked(scores: Sequence[float], logits: Sequence[float]) -> Match:
    """The match after the second look."""
    comparer = Comparer(Scripted(), weight=WEIGHT)
    return comparer.look(Match(tuple(scores), (0.5,)), said(3), [route(logit) for logit in logits], last=3)


def test_the_logit_decides_among_the_best() -> None:
    """A route that was a little behind overtakes when the layer likes it better; its features say so."""
    match = looked([0.80, 0.75, 0.10], [-2, 3, -5])
    assert match.scores == pytest.approx([0.60, 1.05, -0.40])
    found = dict(zip(FEATURES, match.features[1:], strict=True))
    assert match.features[0] == 0.5
    assert found == pytest.approx({"compared": 3, "compared_best": 3, "overtaken": -0.05, "compared_margin": 0.25})


def test_only_the_best_are_looked_at() -> None:
    """Three layers' worth of work, whatever the size of the policy, and the others stay behind."""
    layer = Scripted()
    scores = [0.1 * place for place in range(10)]
    routes = [route(9.0 if place < 7 else -9.0) for place in range(10)]
    match = Comparer(layer, weight=WEIGHT).look(Match(tuple(scores), ()), said(3), routes, last=3)
    assert len(layer.fed) == LOOKED_AT
    assert sorted(match.scores) == list(match.scores)


def test_a_lone_route_is_looked_at_too() -> None:
    """Whether it is wanted at all is what the layer is asked."""
    match = looked([0.4], [-6])
    assert match.scores == pytest.approx([-0.2])
    assert match.features[1:] == pytest.approx([-6, -6, 0, 0.25])


def test_each_token_says_whose_it_is() -> None:
    """The last turn and the mark at the end, what led to it, the route."""
    layer = Scripted()
    Comparer(layer, weight=WEIGHT).logit(said(6), route(1, tokens=2).states, last=3)
    assert layer.fed[0]["segments"].tolist() == [[0, 0, 1, 1, 1, 0, 2, 2]]
    assert layer.fed[0]["states"].shape == (1, 8, D)


def test_long_texts_are_cut() -> None:
    """64 tokens of a conversation and 40 of a route bound the cost, also when the last turn alone is longer."""
    layer = Scripted()
    Comparer(layer, weight=WEIGHT).logit(said(90), route(1, tokens=90).states, last=90)
    assert layer.fed[0]["segments"].tolist() == [[0] * 64 + [2] * 40]
