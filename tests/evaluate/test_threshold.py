"""The threshold that would have been best, and what the choice is worth elsewhere."""

from __future__ import annotations

import pytest

from plano.domain.intent import Intent
from plano.evaluate.run import Answer
from plano.evaluate.threshold import FEWEST, Suggestion, suggest
from tests.evaluate.made import case


def answer(wanted: str | None, best: float, number: int = 0, *, threshold: float = 0.6) -> Answer:
    intent = Intent("code" if best >= threshold else None, (("code", best), ("chat", 0.0)), threshold=threshold)
    return Answer(case(wanted, text=str(number)), intent)


def suggested(answers: list[Answer]) -> Suggestion:
    found = suggest(answers)
    assert found is not None
    return found


def test_between_what_has_a_route_and_what_has_none() -> None:
    """The middle of the gap; all cases are right there, and were not before."""
    answers = [answer("code", 0.5, n) for n in range(30)] + [answer(None, 0.2, n) for n in range(30, 60)]
    assert suggested(answers) == Suggestion(0.35, 1.0, 0.6, 0.5, 1.0)


@pytest.mark.parametrize(("wanted", "value"), [("code", 0.25), (None, 0.75)])
def test_only_one_kind(wanted: str | None, value: float) -> None:
    """Where everything has a route none is refused; where nothing has one, all are."""
    assert suggested([answer(wanted, 0.5, n) for n in range(40)]).value == value


def test_the_held_out_figure_is_no_self_praise() -> None:
    """Where scores say nothing, the best threshold of the whole promises more than it keeps elsewhere."""
    answers = [answer("code" if number % 2 else None, (number * 37 % 101) / 101, number) for number in range(100)]
    found = suggested(answers)
    assert found.held_out < found.accuracy
    assert found.accuracy >= max(found.now_accuracy, 0.5)


def test_the_accuracy_is_what_one_would_get() -> None:
    """Answers without scores count as they are, wherever the threshold lies."""
    unscored = [Answer(case(None, text=f"u{n}"), Intent(None)) for n in range(10)]
    answers = [answer("code", 0.5, n) for n in range(30)]
    found = suggested(answers + unscored)
    assert (found.accuracy, found.now_accuracy) == (1.0, 0.25)


def test_too_few() -> None:
    """Of a handful of cases no threshold is made, and none where a router model gave no scores."""
    assert suggest([answer("code", 0.5, n) for n in range(FEWEST - 1)]) is None
    assert suggest([Answer(case("code", text=str(n)), Intent("code")) for n in range(100)]) is None


def test_a_score_of_one() -> None:
    """Nothing lies above it: a threshold beyond all scores is not offered."""
    assert (
        suggested([answer(None, 1.0, n) for n in range(30)] + [answer("code", 0.4, n) for n in range(30, 60)]).value
        <= 1
    )
