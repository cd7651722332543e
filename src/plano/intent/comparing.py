"""A second look: the request and each of the best routes read together, word by word.

Two vectors made apart tell topics well and sisters badly ("book a hotel", "cancel a hotel"). The upper layer of the
encoder, run over both texts at once, sees which word of the one answers which of the other. The layers below read each
text alone, and their work on a route is kept (after MacAvaney et al. 2020, arXiv 2004.14255).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from plano.intent.matching import Match, RouteVectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plano.intent.geometry import Halves

LOOKED_AT = 3
FEATURES = ("compared", "compared_best", "overtaken", "compared_margin")
"""What the decision for none looks at besides the features of the match; ``Comparer.look`` says what each one means."""

_LAST, _EARLIER, _ROUTE = range(3)
_MARGIN_CAP = 0.25
_MOST_SAID, _MOST_DESCRIBED = 64, 40


class Runner(Protocol):
    """A loaded model."""

    def run(self, outputs: None, fed: dict[str, NDArray[np.generic]], /) -> Sequence[NDArray[np.float32]]:
        """Every output, by the names of the inputs."""


class Comparer:
    """A second look by this layer. Safe in any thread; one call uses one core.

    ``weight`` (> 0): of a logit in a route's score.
    """

    def __init__(self, layer: Runner, *, weight: float) -> None:
        self._layer = layer
        self._weight = weight

    def look(self, match: Match, said: Halves, routes: Sequence[RouteVectors], *, last: int) -> Match:
        """The match with the best three routes scored anew, and four features more.

        ``said`` (t, d): states of the conversation, the first ``last`` of them those of the last turn. A route that is
        not looked at takes the least of the three logits, so that it stays behind them. Features: ``compared`` and
        ``compared_best``, the logit of the best route and the highest one; ``overtaken``: how far the best route was
        behind before (<= 0); ``compared_margin``: its lead over the second, capped.
        """
        order = sorted(range(len(routes)), key=lambda place: -match.scores[place])[:LOOKED_AT]
        logits = {place: self.logit(said, routes[place].states, last=last) for place in order}
        scores = _rescored(match.scores, logits, self._weight)
        ranked = sorted(scores, reverse=True)
        best = scores.index(ranked[0])
        features = (
            logits[best],
            max(logits.values()),
            match.scores[best] - max(match.scores),
            min(ranked[0] - ranked[1], _MARGIN_CAP) if len(ranked) > 1 else _MARGIN_CAP,
        )
        return Match(scores, (*match.features, *features))

    def logit(self, said: Halves, route: Halves, *, last: int) -> float:
        """How much the route wants what was said: above 0 rather yes. Pairs go in one by one, as texts do."""
        heard, described = said[:_MOST_SAID], route[:_MOST_DESCRIBED]
        last = min(last, len(heard))
        # The mark at the end counts to the last turn, as it did in training.
        segments = [_LAST] * (last - 1) + [_EARLIER] * (len(heard) - last) + [_LAST] + [_ROUTE] * len(described)
        states = np.concatenate((heard, described)).astype(np.float32)
        fed: dict[str, NDArray[np.generic]] = {"states": states[None], "segments": np.array([segments], dtype=np.int64)}
        return float(self._layer.run(None, fed)[0][0])


def _rescored(scores: Sequence[float], logits: Mapping[int, float], weight: float) -> tuple[float, ...]:
    least = min(logits.values())
    return tuple(score + weight * logits.get(place, least) for place, score in enumerate(scores))
