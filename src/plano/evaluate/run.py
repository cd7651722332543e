"""Asks a classifier every case and measures the answers, per set and overall, beside two baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from plano.domain.intent import Intent
from plano.evaluate.baselines import AlwaysNone, WordOverlap
from plano.evaluate.cases import LabelledCase
from plano.evaluate.metrics import Metrics, measure
from plano.ports import Classifier

ROUTER = "router"
OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Answer:
    """A case and what the classifier made of it."""

    case: LabelledCase
    intent: Intent

    @property
    def chance(self) -> float:
        """The probability that its best route is right, as the classifier sees it; 0 where it scored nothing."""
        return max([score for _, score in self.intent.scores], default=0.0)

    @property
    def is_best_right(self) -> bool:
        """Is the best route the wanted one, whether or not it was taken?"""
        scores = self.intent.scores
        return bool(scores) and max(scores, key=lambda score: score[1])[0] == self.case.wanted

    @property
    def is_right(self) -> bool:
        """Is it the wanted route, or none where none is wanted?"""
        return self.intent.route == self.case.wanted


@dataclass(frozen=True, slots=True)
class SetResult:
    """One set. ``metrics``: (who, metrics), the router first, then the baselines."""

    name: str
    metrics: tuple[tuple[str, Metrics], ...]

    @property
    def router(self) -> Metrics:
        """The metrics of the classifier that was asked."""
        return self.metrics[0][1]


@dataclass(frozen=True, slots=True)
class Report:
    """``sets`` in the order of their first case; ``overall`` over all cases; ``answers`` in the order of the cases."""

    sets: tuple[SetResult, ...]
    overall: SetResult
    answers: tuple[Answer, ...]

    @property
    def mistakes(self) -> tuple[Answer, ...]:
        """The wrong answers."""
        return tuple(answer for answer in self.answers if not answer.is_right)


def evaluate(
    classifier: Classifier,
    cases: Sequence[LabelledCase],
    *,
    with_baselines: bool = True,
    asking: Callable[[Sequence[LabelledCase]], Iterable[LabelledCase]] = iter,
) -> Report:
    """The report of a classifier on the cases. ``asking``: hands the cases out, and may show how far it is."""
    intents = [classifier.classify(case.question) for case in asking(cases)]
    columns = [(ROUTER, [intent.route for intent in intents])]
    if with_baselines:
        columns.append(("always none", _routes(AlwaysNone(), cases)))
        columns.append(("word overlap", _routes(WordOverlap(), cases)))
    names = list(dict.fromkeys(case.dataset for case in cases))
    places = {name: [place for place, case in enumerate(cases) if case.dataset == name] for name in names}
    return Report(
        sets=tuple(_result(name, cases, columns, places=places[name]) for name in names),
        overall=_result(OVERALL, cases, columns, places=range(len(cases))),
        answers=tuple(Answer(case, intent) for case, intent in zip(cases, intents, strict=True)),
    )


def _routes(classifier: Classifier, cases: Sequence[LabelledCase]) -> list[str | None]:
    return [classifier.classify(case.question).route for case in cases]


def _result(
    name: str,
    cases: Sequence[LabelledCase],
    columns: Sequence[tuple[str, list[str | None]]],
    *,
    places: Sequence[int],
) -> SetResult:
    chosen = [cases[place] for place in places]
    return SetResult(
        name, tuple((who, measure(chosen, [answers[place] for place in places])) for who, answers in columns)
    )
