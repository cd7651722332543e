"""A classifier is asked every case, and measured per set and overall."""

from __future__ import annotations

from plano.domain.intent import Intent, Question
from plano.evaluate.run import evaluate
from tests.evaluate.made import case


class Parrot:
    """Answers with the route named in the text; remembers how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def recall(self, question: Question) -> Intent | None:
        """Nothing is remembered."""
        return None

    def classify(self, question: Question) -> Intent:
        """The named route."""
        self.asked += 1
        text = question.conversation.turns[-1].text
        return Intent(text if text in {"code", "chat"} else None, (("code", 0.25), ("chat", 0.125)), 0.5)


CASES = (
    case("code", text="code", dataset="one"),
    case("chat", text="casual talk", dataset="one"),
    case(None, text="else", dataset="two"),
)


def test_sets_and_overall_are_measured_apart() -> None:
    """Two sets in the order of their first case, each with the router and both baselines; overall is over all cases."""
    report = evaluate(Parrot(), CASES)
    assert [(result.name, result.router.cases, result.router.accuracy) for result in report.sets] == [
        ("one", 2, 0.5),
        ("two", 1, 1.0),
    ]
    assert [who for who, _ in report.overall.metrics] == ["router", "always none", "word overlap"]
    accuracies = [round(metrics.accuracy, 3) for _, metrics in report.overall.metrics]
    assert accuracies == [0.667, 0.333, 1.0]


def test_every_case_is_asked_once_and_mistakes_are_kept() -> None:
    """The answers stand in the order of the cases; the wrong ones are listed."""
    parrot = Parrot()
    report = evaluate(parrot, CASES, with_baselines=False)
    assert parrot.asked == 3
    assert [answer.case for answer in report.answers] == list(CASES)
    assert [answer.case.wanted for answer in report.mistakes] == ["chat"]
    assert [who for who, _ in report.overall.metrics] == ["router"]


def test_no_cases_is_no_error() -> None:
    """An empty report has no sets."""
    report = evaluate(Parrot(), ())
    assert report.sets == ()
    assert report.overall.router.cases == 0
