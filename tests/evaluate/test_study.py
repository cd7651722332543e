"""A study puts the figures of one set side by side."""

from __future__ import annotations

from plano.domain.intent import Intent
from plano.evaluate import report
from plano.evaluate.run import Answer, evaluate
from plano.evaluate.study import study
from tests.evaluate.made import case
from tests.evaluate.test_run import CASES, Parrot


def test_of_scored_answers() -> None:
    """Probabilities, their tenths and the suggestion come from the best score, whether or not it was taken."""
    answers = evaluate(Parrot(), CASES, with_baselines=False).answers
    found = study(answers)
    assert [(one.low, one.cases, one.chance) for one in found.tenths] == [(0.2, 3, 0.25)]
    assert found.calibration_error is not None
    assert found.separation == 0.5
    assert found.suggestion is None


def test_of_a_router_without_probabilities() -> None:
    """Intervals and confusion are there; what rests on probabilities is not."""
    found = study([Answer(case("code"), Intent("code")), Answer(case(None), Intent("code"))])
    assert (found.tenths, found.calibration_error, found.separation, found.suggestion) == ((), None, None, None)
    assert found.confusion.mistakes == ((None, "code", 1),)


def test_details_show_it_all() -> None:
    """Each figure with its interval, each tenth, each mistake, and the whole table of few answers."""
    made = evaluate(Parrot(), CASES)
    lines = "\n".join(report.details(made.overall, study(made.answers)))
    for said in ("all right", "macro-F1", "calibration error", "0.2 to 0.3", "chat", "(none)", "wanted (rows)"):
        assert said in lines
