"""Another threshold changes which routes are taken, and nothing else."""

from __future__ import annotations

import pytest

from plano.domain.conversation import Conversation, Turn
from plano.domain.intent import Intent, Question
from plano.domain.route import Route
from plano.intent.threshold import Thresholded, at_threshold

SCORED = Intent("a", (("a", 0.7), ("b", 0.7), ("c", 0.1)), threshold=0.6, margin=0.0, text="hi")
QUESTION = Question(Conversation((Turn("user", "hi"),)), (Route("a", "b", ("m",)),))


class Known:
    """Remembers one answer, or none."""

    def __init__(self, answer: Intent | None) -> None:
        self.answer = answer

    def recall(self, question: Question) -> Intent | None:
        return self.answer

    def classify(self, question: Question) -> Intent:
        return self.answer or SCORED


@pytest.mark.parametrize(("threshold", "route"), [(0.0, "a"), (0.7, "a"), (0.71, None), (1.0, None)])
def test_the_best_route_from_the_threshold_on(threshold: float, route: str | None) -> None:
    """The first of the best routes, when it reaches the threshold; scores, margin and text stay."""
    made = at_threshold(SCORED, threshold)
    assert (made.route, made.threshold) == (route, threshold)
    assert (made.scores, made.margin, made.text) == (SCORED.scores, SCORED.margin, SCORED.text)


def test_nothing_scored() -> None:
    """What had nothing to read has no route at any threshold."""
    assert at_threshold(Intent(None), 0.0) == Intent(None)


def test_a_classifier() -> None:
    """It recalls what was remembered, and only that; the same answer is the same object."""
    assert Thresholded(Known(None), 0.9).recall(QUESTION) is None
    one = Thresholded(Known(SCORED), 0.9)
    recalled = one.recall(QUESTION)
    assert recalled is not None
    assert recalled.route is None
    assert one.classify(QUESTION) is recalled
