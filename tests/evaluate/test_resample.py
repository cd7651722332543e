"""Intervals that hold what they promise, and a gap between two routers that is judged by its cases."""

from __future__ import annotations

import random

import pytest

from plano.evaluate.metrics import measure
from plano.evaluate.resample import difference, intervals
from tests.evaluate.made import case


def test_an_interval_holds_its_figure_and_shrinks_with_cases() -> None:
    """As wide as the binomial's: about 2 * 1.96 * sqrt(p q / n)."""
    widths = []
    for count in (100, 1600):
        cases = [case("code", text=str(number)) for number in range(count)]
        answers: list[str | None] = ["code" if number < count * 8 // 10 else None for number in range(count)]
        found = intervals(cases, answers)["accuracy"]
        assert found.low < 0.8 < found.high
        widths.append(found.high - found.low)
    assert widths[0] == pytest.approx(2 * 1.96 * (0.8 * 0.2 / 100) ** 0.5, rel=0.1)
    assert widths[1] == pytest.approx(widths[0] / 4, rel=0.15)


def test_certainty_has_no_width() -> None:
    """Where every case is right there is nothing that a draw could change; figures of nothing are left out."""
    found = intervals([case("code", text="a"), case("code", text="b")], ["code", "code"])
    assert {name: (one.low, one.high) for name, one in found.items()} == {
        "accuracy": (1.0, 1.0),
        "routed_accuracy": (1.0, 1.0),
        "macro_f1": (1.0, 1.0),
    }


def test_conversations_are_drawn_whole() -> None:
    """Ten turns that share their fate say no more than one: the interval is as wide as that of the conversations."""
    turns = [case("code", text="t", conversation=str(one), turn=turn) for one in range(40) for turn in range(10)]
    answers: list[str | None] = ["code" if int(one.conversation or 0) < 20 else None for one in turns]
    whole = intervals(turns, answers)["accuracy"]
    alone = intervals([case("code", text=str(n)) for n in range(40)], ["code"] * 20 + [None] * 20)["accuracy"]
    assert (whole.low, whole.high) == pytest.approx((alone.low, alone.high))


def test_every_figure_lies_in_its_interval() -> None:
    """Of a random mixture, all figures, macro-F1, spans and conversations among them."""
    chance = random.Random(7)
    names = ["code", "chat", None]
    cases = [
        case(chance.choice(names), text=str(number), conversation=str(number // 4), turn=number % 4)
        for number in range(400)
    ]
    answers = [one.wanted if chance.random() < 0.8 else chance.choice(names) for one in cases]
    found, measured = intervals(cases, answers), measure(cases, answers)
    assert measured.groups is not None
    figures = {
        **{name: getattr(measured, name) for name in ("accuracy", "routed_accuracy", "none_precision", "none_recall")},
        "macro_f1": measured.macro_f1,
        "span_accuracy": measured.groups.span_accuracy,
        "conversation_accuracy": measured.groups.conversation_accuracy,
    }
    assert set(found) == set(figures)
    for name, value in figures.items():
        assert found[name].low <= value <= found[name].high
        assert 0 < found[name].high - found[name].low < 0.2


def test_the_same_cases_give_the_same_intervals() -> None:
    """Chance is seeded: a report can be compared with yesterday's."""
    cases, answers = [case("code", text=str(n)) for n in range(50)], ["code"] * 30 + [None] * 20
    assert intervals(cases, answers) == intervals(cases, answers)


@pytest.mark.parametrize(
    ("better", "worse", "p_value"),
    [(0, 0, 1.0), (1, 0, 1.0), (5, 5, 1.0), (8, 1, 2 * 10 / 2**9), (10, 0, 2 / 2**10), (1200, 1000, 2.2e-5)],
)
def test_mcnemar(better: int, worse: int, p_value: float) -> None:
    """The exact binomial of the cases on which they differ; those on which they agree do not count."""
    both = 300
    first = [True] * both + [False] * better + [True] * worse
    second = [True] * both + [True] * better + [False] * worse
    cases = [case("code", text=str(number)) for number in range(len(first))]
    found = difference(cases, first, second)
    assert (found.better, found.worse) == (better, worse)
    assert found.gain == pytest.approx((better - worse) / len(cases))
    assert found.p_value == pytest.approx(p_value, rel=0.05)
    assert found.interval.low <= found.gain <= found.interval.high
